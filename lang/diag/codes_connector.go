package diag

func connectorCodes() []Info { return nil }
