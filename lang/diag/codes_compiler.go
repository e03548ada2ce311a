package diag

func compilerCodes() []Info { return nil }
