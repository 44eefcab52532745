// Where the rows of an answer are: columns of latitude and longitude, or WKT points
// (OGC GeoSPARQL 1.1 §8.5; WGS 84 as lon lat unless the literal names EPSG:4326, which is lat lon).
const LATITUDE = /^(lat|latitude)$|_lat$|Lat(itude)?$/;
const LONGITUDE = /^(long?|lng|longitude)$|_(long?|lng)$|(Long?|Lng|Longitude)$/;
const WKT = "http://www.opengis.net/ont/geosparql#wktLiteral";
const POINT = /^\s*(?:<([^>]*)>)?\s*POINT\s*Z?\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)/i;

function fromWkt(literal) {
  const match = POINT.exec(literal ?? "");
  if (!match) return null;
  const [x, y] = [Number(match[2]), Number(match[3])];
  return /EPSG\/0\/4326$/.test(match[1] ?? "") ? { lat: x, lon: y } : { lat: y, lon: x };
}

const isPlace = ({ lat, lon }) => Math.abs(lat) <= 90 && Math.abs(lon) <= 180;

/** Return the columns that place rows, and the rows with their places; null when there are none. */
export function coordinates(results) {
  const names = results?.getVariables?.() ?? [];
  const rows = results?.getBindings?.() ?? [];
  const wkt = names.find((name) => rows.some((row) => row[name]?.datatype === WKT));
  const lat = names.find((name) => LATITUDE.test(name));
  const lon = names.find((name) => LONGITUDE.test(name));
  if (!wkt && !(lat && lon)) return null;
  const where = wkt
    ? (row) => fromWkt(row[wkt]?.value)
    : (row) => (row[lat] && row[lon] ? { lat: Number(row[lat].value), lon: Number(row[lon].value) } : null);
  const placed = rows.map((row) => ({ row, ...where(row) })).filter((one) => isPlace(one));
  return placed.length ? { names: wkt ? [wkt] : [lat, lon], placed } : null;
}
