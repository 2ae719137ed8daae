"""A plan in the views of finance: cost lines, payments and depreciation by month, billing data, a workbook."""
