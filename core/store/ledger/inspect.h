// Finding the first entry that does not fit. Works on raw rows, needs no keys but the public one.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace veilroute::ledger {

/// What the catalog repeats of an entry in columns of its own, to search by.
struct Columns {
  std::uint16_t kind = 0;
  std::int64_t at_micros = 0;
  std::uint64_t study = 0;
  std::uint64_t transfer = 0;
  std::string destination;
  bool operator==(const Columns&) const = default;
};
struct Entry;
Columns columns_of(const Entry& entry);

/// A row as the catalog stores it.
struct Row {
  std::uint64_t sequence = 0;
  Bytes entry;
  Digest leaf{};
  Digest link{};
  Columns columns;
};

/// A signed statement of the ledger's length and head; appended to log/ledger-checkpoints as a JSON
/// line and kept as a row, so that a cut tail shows.
struct Checkpoint {
  std::uint64_t length = 0;
  Digest head{};
  std::int64_t at_micros = 0;
  Bytes signature;  ///< Ed25519 over the Encoder form of the three
};
Bytes signed_part(const Checkpoint& checkpoint);
std::string to_json_line(const Checkpoint& checkpoint);
Result<Checkpoint> checkpoint_of_json_line(std::string_view line);

/// What an inspection found. `ok` or the first bad entry, in a sentence for a person.
struct Inspection {
  bool ok = true;
  std::uint64_t entries = 0;
  std::uint64_t checkpoints = 0;
  std::uint64_t bad_sequence = 0;
  /// ledger.entry-changed | entry-missing | entry-swapped | entry-added | tail-cut | head-forged |
  /// checkpoint-forged | checkpoint-unreadable | unreadable
  std::string slug;
  std::string advice;
  Digest head{};
};

/// Streams the rows in order. `head` is the catalog's own statement {length, link} written in the
/// transaction of each append (none: it is gone or forged); `checkpoints` come from the file beside
/// the log and from the table.
Inspection inspect(const std::function<Result<bool>(Row&)>& next_row,
                   const std::optional<Checkpoint>& head,
                   const std::vector<Checkpoint>& checkpoints, ByteView public_key);

}  // namespace veilroute::ledger
