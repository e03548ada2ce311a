package diag

func langCodes() []Info { return nil }
