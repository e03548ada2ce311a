package diag

func stateCodes() []Info { return nil }
