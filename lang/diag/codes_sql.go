package diag

func sqlCodes() []Info { return nil }
