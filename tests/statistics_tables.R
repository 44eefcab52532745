# Reads every table of a folder with read.csv alone and prints, one a line:
# table, column, class, rows, values that are there.
folder <- commandArgs(trailingOnly = TRUE)[1]
for (path in list.files(folder, pattern = "[.]csv$", full.names = TRUE)) {
  rows <- read.csv(path, na.strings = "", encoding = "UTF-8")
  for (name in names(rows)) {
    cat(sub("[.]csv$", "", basename(path)), name, class(rows[[name]]),
        nrow(rows), sum(!is.na(rows[[name]])), sep = "\t")
    cat("\n")
  }
}
