"""Who else sees it: workbooks and spreadsheets."""
