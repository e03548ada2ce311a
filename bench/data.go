package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// columns are the ten mixed columns, as read_json is told of them.
const readColumns = `{id: 'BIGINT', email: 'VARCHAR', status: 'VARCHAR', total: 'DECIMAL(12,2)', created_at: 'TIMESTAMPTZ', ship_date: 'DATE', quantity: 'INTEGER', score: 'DOUBLE', paid: 'BOOLEAN', note: 'VARCHAR'}`

const contractHCL = `contract "orders" {
  key = ["id"]
  column "id" {
    type     = int64
    required = true
    min      = 1
  }
  column "email" {
    type       = string
    required   = true
    max_length = 64
    pattern    = "^[a-z0-9.]+@[a-z0-9.]+$"
  }
  column "status" {
    type     = string
    required = true
    enum     = ["new", "paid", "shipped", "returned"]
  }
  column "total" {
    type = decimal(12, 2)
    min  = 0
    max  = 1000000
  }
  column "created_at" {
    type     = timestamptz
    required = true
    min      = "2020-01-01T00:00:00Z"
  }
  column "ship_date" {
    type = date
  }
  column "quantity" {
    type = int32
    min  = 1
  }
  column "score" {
    type = float64
  }
  column "paid" {
    type     = bool
    required = true
  }
  column "note" {
    type       = string
    max_length = 200
  }
  check "paid_orders_cost" {
    condition = !row.paid || row.total >= 0
    message   = "a paid order has a total"
  }
}
`

// loadProject writes a project that loads path with the given write mode, DuckDB
// working with so many threads.
func loadProject(dir, path, write string, threads int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	hcl := fmt.Sprintf(`headgate {
  name = "bench"
}
source "file" "orders" {
  path = %q
}
destination "duckdb" "warehouse" {
  path    = "${path.root}/warehouse.duckdb"
  threads = %d
}
pipeline "orders" {
  from = source.orders
  to   = destination.warehouse
  stream "orders" {
    contract = contract.orders.v1
    table    = "raw.orders"
    write    = %q
  }
}
`, path, threads, write)
	return os.WriteFile(filepath.Join(dir, "project.gate.hcl"), []byte(hcl+contractHCL), 0o644)
}

// writeOrders writes records from id first on, about 300 bytes each, until there
// are rows of them or the file has size bytes. It returns how many it wrote.
func writeOrders(path string, seed uint64, first int64, rows int, size int64) (int, error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	rng := rand.New(rand.NewPCG(seed, 1))
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	var line []byte
	var written int64
	n := 0
	for ; (rows == 0 || n < rows) && (size == 0 || written < size); n++ {
		line = appendOrder(line[:0], rng, first+int64(n), start)
		written += int64(len(line))
		if _, err := w.Write(line); err != nil {
			return n, err
		}
	}
	if err := w.Flush(); err != nil {
		return n, err
	}
	return n, f.Close()
}

var statuses = []string{"new", "paid", "shipped", "returned"}

const words = "the parcel was left with a neighbour because nobody opened the door at the time of delivery and the driver had to go on "

func appendOrder(b []byte, rng *rand.Rand, id int64, start time.Time) []byte {
	b = append(b, `{"id":`...)
	b = strconv.AppendInt(b, id, 10)
	b = append(b, `,"email":"customer.`...)
	b = strconv.AppendInt(b, rng.Int64N(1_000_000), 10)
	b = append(b, `@example.com","status":"`...)
	b = append(b, statuses[rng.IntN(len(statuses))]...)
	b = append(b, `","total":`...)
	b = strconv.AppendFloat(b, float64(rng.IntN(10_000_000))/100, 'f', 2, 64)
	at := start.Add(time.Duration(rng.Int64N(365*24*3600)) * time.Second)
	b = append(b, `,"created_at":"`...)
	b = at.AppendFormat(b, time.RFC3339)
	b = append(b, `","ship_date":"`...)
	b = at.AddDate(0, 0, 2).AppendFormat(b, time.DateOnly)
	b = append(b, `","quantity":`...)
	b = strconv.AppendInt(b, 1+rng.Int64N(20), 10)
	b = append(b, `,"score":`...)
	b = strconv.AppendFloat(b, rng.Float64()*100, 'g', 8, 64)
	b = append(b, `,"paid":`...)
	b = strconv.AppendBool(b, rng.IntN(2) == 0)
	if rng.IntN(10) == 0 {
		b = append(b, `,"note":null`...)
	} else {
		from := rng.IntN(20)
		b = append(b, `,"note":"`...)
		b = append(b, words[from:from+60+rng.IntN(len(words)-from-60)]...)
		b = append(b, '"')
	}
	return append(b, '}', '\n')
}
