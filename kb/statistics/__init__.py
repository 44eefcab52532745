"""The base for people who count: tables for R and pandas, agreement of readings, the frame.

Nothing here decides anything about a record: every figure is a query of `queries/tables`,
`queries/agreement` or `queries/frame`, asked of one release.
"""
