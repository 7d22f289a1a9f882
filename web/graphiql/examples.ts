/** A tab that runs as it is. */
export interface Example {
  readonly title: string;
  readonly query: string;
  /** JSON; "" for none. */
  readonly variables: string;
}

const upload = `# UPLOAD A FILE
# 1. Open the file panel (the paper clip, left).
# 2. Choose or drop a file: it is attached to
#    the variable input.file.
# 3. Run: the arrow, or Ctrl-Enter.
# A file that is there already is found again.
mutation Upload($input: UploadEntityInput!) {
  uploadEntity(input: $input) {
    status
    entity {
      id
      label
      originalName
      mimeType
      fileSize
      width
      height
      capturedAt
      fileUrl
      thumbnail(width: 320) {
        url
      }
    }
  }
}
`;

const page = `# A PAGE OF THE LIBRARY
# Ctrl-Space shows what filters there are; they
# combine with AND, OR and NOT. Facets count what
# there is of each value. Point at a thumbnail's
# URL in the answer to see it.
query Page($filter: EntityFilter, $offset: Int!) {
  entities(filter: $filter, orderBy: [{ capturedAt: DESC }], offset: $offset, limit: 10) {
    items {
      id
      label
      originalName
      type
      capturedAt
      thumbnail(width: 320) {
        url
        width
        height
      }
    }
    facets(fields: [TYPE, YEAR, CAMERA_MODEL]) {
      field
      buckets {
        value
        count
      }
    }
    pagination {
      page
      totalPages
      totalItems
      hasNext
    }
  }
}
`;

const search = `# SEARCH, THE BEST FIRST
# word  prefix*  "a phrase"  -not  label:word
# What was found stands between « and ».
query Search($text: String!) {
  search(text: $text, limit: 10) {
    items {
      score
      highlights {
        field
        fragment
      }
      entity {
        id
        label
        originalName
      }
    }
    pagination {
      totalItems
    }
  }
}
`;

const versions = `# WHAT HAPPENED TO THE NEWEST ENTITIES
# Every change makes a version. To go back:
# revertEntity(id:, toVersion:) for one, or
# undoTransaction(id:) for all of a transaction.
query Versions {
  entities(limit: 3) {
    items {
      id
      label
      versions(limit: 5) {
        items {
          version
          operation
          changes {
            field
            before
            after
          }
          transaction {
            id
            at
            actor
            reason
          }
        }
      }
    }
  }
}
`;

const snapshot = `# THE LIBRARY AS IT STOOD
# At any instant, or just after a transaction:
# {"at": {"transactionId": "T1"}}
query Snapshot($at: AsOf!) {
  snapshot(at: $at) {
    at
    transactionId
    entities(limit: 10) {
      items {
        entityId
        version
        label
        originalName
        isDeleted
        fileUrl
      }
      pagination {
        totalItems
      }
    }
  }
}
`;

const changes = `# CHANGES AS THEY HAPPEN
# Run it, then change something in another window:
# the latest change is shown. The same button
# stops it. {"after": "0"} begins with the first.
subscription Changes($after: ID) {
  entityChanged(afterTransactionId: $after) {
    entityId
    version
    operation
    label
    changes {
      field
      before
      after
    }
    transaction {
      id
      at
      actor
    }
  }
}
`;

const timeline = `# WHEN THINGS WERE TAKEN
# By YEAR, MONTH or DAY; takes a filter, too.
query Timeline($unit: TimelineUnit!) {
  timeline(unit: $unit) {
    key
    count
    cover {
      id
      thumbnail(width: 320) {
        url
      }
    }
  }
}
`;

const json = (value: unknown) => JSON.stringify(value, null, 2);

/** @param now UTC; the snapshot's instant. */
export const examplesAt = (now: Date): readonly Example[] => [
  {
    title: "Upload",
    query: upload,
    variables: json({ input: { file: null, onDuplicate: "RETURN_EXISTING" } }),
  },
  { title: "Page", query: page, variables: json({ filter: { isCollection: false }, offset: 0 }) },
  { title: "Search", query: search, variables: json({ text: "photo" }) },
  { title: "Versions", query: versions, variables: "" },
  { title: "Snapshot", query: snapshot, variables: json({ at: { time: now.toISOString() } }) },
  { title: "Changes", query: changes, variables: json({ after: null }) },
  { title: "Timeline", query: timeline, variables: json({ unit: "MONTH" }) },
];
