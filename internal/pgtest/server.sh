# Runs a Postgres from the binaries in $1 in the folder $2 until standard input ends.
set -u
bin=$1 dir=$2
trap : INT TERM HUP
"$bin/initdb" -D "$dir/data" -U headgate -A trust -E UTF8 --locale=C --no-sync >"$dir/log" 2>&1 || exit 1
"$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=off -c full_page_writes=off \
	-c max_wal_size=256MB -c shared_buffers=64MB >>"$dir/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -INT $server 2>/dev/null
wait $server
rm -rf "$dir/data" "$dir/log" "$dir"/.s.*
rmdir "$dir"
