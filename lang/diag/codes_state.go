package diag

// The codes of the state store.
const (
	StateCorrupt    Code = "HG8001"
	StateFull       Code = "HG8002"
	StateReadOnly   Code = "HG8003"
	StateBusy       Code = "HG8004"
	StateNewer      Code = "HG8005"
	LeaseHeld       Code = "HG8010"
	LeaseGone       Code = "HG8011"
	StateConflict   Code = "HG8012"
	StateUnreadable Code = "HG8013"
)

func stateCodes() []Info {
	return []Info{
		{StateCorrupt, "The state database is damaged", "SQLite cannot read the file, so its content cannot be trusted. Put the last backup back in its place. Without one, move the file away and apply again: no row and no bookmark is lost, because those are in the destination; applied definitions and history are."},
		{StateFull, "There is no room to write the state", "The disk, or a quota, is full. Nothing half-written stays behind. Make room and run the command again."},
		{StateReadOnly, "The state cannot be written here", "The state's folder or file is read-only, or belongs to someone else. The folder (.headgate unless the headgate block says otherwise) must be writable by whoever applies, because SQLite also keeps its journal there."},
		{StateBusy, "The state database is locked by another process", "Another process kept the database locked for longer than headgate waits. This ends by itself when that process goes on; look for a database browser that holds a transaction open."},
		{StateNewer, "The state was written by a newer headgate", "A newer version changed the layout of the state database, and this one would misread it. Use that version or a newer one."},
		{LeaseHeld, "Somebody else is working on this", "A lease guards the definitions of an environment and each pipeline and model, so that two processes cannot change the same thing. The message names the holder. Wait for it, or raise --lock-timeout. A holder that has died frees its lease by itself: at once on the same machine, else within half a minute."},
		{LeaseGone, "The lease on the work was taken over", "This process was paused for longer than its lease lasts, and another one took over. It wrote nothing since. Run the command again."},
		{StateConflict, "The address was taken out of the state meanwhile", "A run wanted to record data for an address that an apply has removed while it ran. Plan again to see what is there now."},
		{StateUnreadable, "The state database cannot be opened", "The file is there and cannot be opened or read. The message says why."},
	}
}
