# Written by `headgate source discover`. Commit it; do not edit it.

source "events" {
  stream "e" {
    column "a" {
      type = int64
    }
  }
}

source "shop" {
  each = "eu"
}

source "shop" {
  each         = "us"
  program_hash = "sha256:01"

  stream "orders" {
    key         = ["id", "o\"dd", "$$\u0024{k}"]
    replication = "INCREMENTAL"
    cursor      = "at"
    column "plain" {
      type     = struct({ "odd name" = list(decimal(12, 2)) })
      nullable = true
    }
    column "with space" {
      type     = struct({ "odd name" = list(decimal(12, 2)) })
      nullable = true
    }
    column "quote\"back\\slash" {
      type     = struct({ "odd name" = list(decimal(12, 2)) })
      nullable = true
    }
    column "$${x} %%{y} $\u0024{z} $" {
      type     = struct({ "odd name" = list(decimal(12, 2)) })
      nullable = true
    }
    column "line\nbreak\ttab\r" {
      type     = struct({ "odd name" = list(decimal(12, 2)) })
      nullable = true
    }
    column "größe 日本 \u2028" {
      type     = struct({ "odd name" = list(decimal(12, 2)) })
      nullable = true
    }
    column "\u0000\u001f\u007f" {
      type     = struct({ "odd name" = list(decimal(12, 2)) })
      nullable = true
    }
    column "bad�utf8" {
      type     = struct({ "odd name" = list(decimal(12, 2)) })
      nullable = true
    }
    column "%" {
      type     = struct({ "odd name" = list(decimal(12, 2)) })
      nullable = true
    }
  }

  stream "z" {
  }
}
