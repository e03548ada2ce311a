package diag

func contractCodes() []Info { return rowexprCodes() }
