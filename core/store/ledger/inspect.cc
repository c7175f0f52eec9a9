// Finding the first entry that does not fit.
#include "core/store/ledger/inspect.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "core/base/crypto.h"
#include "core/store/ledger/chain.h"
#include "core/store/ledger/entry.h"

namespace veilroute::ledger {

namespace {

constexpr std::string_view kCheckpointLabel = "veilroute ledger checkpoint 1";
constexpr std::size_t kLongestLine = 1024;

void set_bad(Inspection& found, std::uint64_t sequence, std::string slug, std::string advice) {
  if (!found.ok) return;
  found.ok = false;
  found.bad_sequence = sequence;
  found.slug = std::move(slug);
  found.advice = std::move(advice);
}

/// Walks the rows and keeps what the statements about length and head are compared with.
class Walk {
 public:
  Walk(Inspection& found, const std::vector<Checkpoint>& checkpoints) : found_(found) {
    for (const Checkpoint& checkpoint : checkpoints) {
      expected_.emplace(checkpoint.length, checkpoint.head);
    }
  }

  /// False after the first row that does not fit.
  bool take(const Row& row) {
    const std::uint64_t sequence = found_.entries + 1;
    if (row.sequence != sequence) {
      set_bad(found_, sequence, "ledger.entry-missing",
              "Entry " + std::to_string(sequence) + " is not there: it was removed.");
      return false;
    }
    if (!fits(row)) return false;
    found_.head = row.link;
    found_.entries = sequence;
    return agrees_with_checkpoints(sequence);
  }

  /// The head that the node wrote down stands for every entry since the last signed one.
  void compare_with(const std::optional<Checkpoint>& head) {
    if (!head) {
      set_bad(found_, agreed_ + 1, "ledger.head-forged",
              "The node's own statement of the ledger's length is missing or was changed; entries " +
                  std::to_string(agreed_ + 1) + " and later are vouched for by nothing.");
    } else if (head->length < found_.entries) {
      set_bad(found_, head->length + 1, "ledger.entry-added",
              "Entry " + std::to_string(head->length + 1) + " was not written by this node.");
    } else if (head->head != found_.head) {
      not_leading_to(found_.entries, "that the node wrote down");
    }
  }

 private:
  bool fits(const Row& row) {
    const Result<Entry> entry = decode(row.entry, nullptr);
    if (entry.ok() && entry->sequence != row.sequence) {
      set_bad(found_, row.sequence, "ledger.entry-swapped",
              "In the place of entry " + std::to_string(row.sequence) + " stands entry " +
                  std::to_string(entry->sequence) + ".");
      return false;
    }
    const Digest leaf = leaf_of(row.entry);
    if (!entry.ok() || leaf != row.leaf || link_of(found_.head, leaf) != row.link ||
        columns_of(*entry) != row.columns) {
      set_bad(found_, row.sequence, "ledger.entry-changed",
              "Entry " + std::to_string(row.sequence) + " was changed after it was written.");
      return false;
    }
    return true;
  }

  /// Whoever can write the database can link everything anew; the signed heads show it. There may be
  /// two for one length: an older copy of the database that was put back and went on from there.
  bool agrees_with_checkpoints(std::uint64_t sequence) {
    const auto [from, to] = expected_.equal_range(sequence);
    for (auto signed_head = from; signed_head != to; ++signed_head) {
      if (signed_head->second == found_.head) continue;
      not_leading_to(sequence, "that was signed");
      return false;
    }
    if (from != to) agreed_ = sequence;
    return true;
  }

  void not_leading_to(std::uint64_t sequence, std::string_view which) {
    const std::string first = std::to_string(agreed_ + 1);
    set_bad(found_, agreed_ + 1, "ledger.entry-changed",
            "Entries " + first + " to " + std::to_string(sequence) + " do not lead to the head " +
                std::string(which) + ": one of them was replaced.");
  }

  Inspection& found_;
  std::multimap<std::uint64_t, Digest> expected_;
  std::uint64_t agreed_ = 0;  ///< length up to which a signed head agreed
};

void look_for_cut_tail(Inspection& found, const std::optional<Checkpoint>& head,
                       const std::vector<Checkpoint>& checkpoints) {
  std::uint64_t longest = head ? head->length : 0;
  for (const Checkpoint& checkpoint : checkpoints) longest = std::max(longest, checkpoint.length);
  if (longest <= found.entries) return;
  set_bad(found, found.entries + 1, "ledger.tail-cut",
          "The ledger ends at entry " + std::to_string(found.entries) + " but had " +
              std::to_string(longest) + ".");
}

/// The value of `"key":` in a line that to_json_line wrote: text in quotes, or a bare number.
std::optional<std::string_view> member(std::string_view line, std::string_view key) {
  const std::string wanted = "\"" + std::string(key) + "\":";
  const std::size_t at = line.find(wanted);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = line.substr(at + wanted.size());
  const bool quoted = !rest.empty() && rest.front() == '"';
  if (quoted) rest.remove_prefix(1);
  const std::size_t end = rest.find_first_of(quoted ? "\"" : ",}");
  if (end == std::string_view::npos) return std::nullopt;
  return rest.substr(0, end);
}

template <typename Number>
bool read_number(std::optional<std::string_view> text, Number& out) {
  if (!text || text->empty()) return false;
  const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), out);
  return problem == std::errc() && end == text->data() + text->size();
}

bool read_bytes(std::optional<std::string_view> text, Bytes& out) {
  if (!text) return false;
  Result<Bytes> bytes = from_hex(*text);
  if (!bytes.ok()) return false;
  out = std::move(bytes).value();
  return true;
}

}  // namespace

Columns columns_of(const Entry& entry) {
  const auto named = entry.fields.find("destination");
  return {static_cast<std::uint16_t>(entry.kind), to_micros(entry.at), entry.study.value,
          entry.transfer.value, named == entry.fields.end() ? std::string() : named->second};
}

Bytes signed_part(const Checkpoint& checkpoint) {
  Encoder out;
  out.text(kCheckpointLabel).u64(checkpoint.length).digest(checkpoint.head);
  out.i64(checkpoint.at_micros);
  return std::move(out).out();
}

std::string to_json_line(const Checkpoint& checkpoint) {
  return "{\"length\":" + std::to_string(checkpoint.length) + ",\"head\":\"" +
         to_hex(checkpoint.head) + "\",\"at_micros\":" + std::to_string(checkpoint.at_micros) +
         ",\"signature\":\"" + to_hex(checkpoint.signature) + "\"}";
}

Result<Checkpoint> checkpoint_of_json_line(std::string_view line) {
  Checkpoint checkpoint;
  Bytes head;
  const bool whole = line.size() <= kLongestLine && line.starts_with('{') && line.ends_with('}') &&
                     read_number(member(line, "length"), checkpoint.length) &&
                     read_number(member(line, "at_micros"), checkpoint.at_micros) &&
                     read_bytes(member(line, "head"), head) && head.size() == sizeof(Digest) &&
                     read_bytes(member(line, "signature"), checkpoint.signature);
  if (!whole) {
    return make_error(ErrorKind::invalid, "ledger.checkpoint-unreadable",
                      "a line of the checkpoint file cannot be read");
  }
  std::copy(head.begin(), head.end(), checkpoint.head.begin());
  return checkpoint;
}

Inspection inspect(const std::function<Result<bool>(Row&)>& next_row,
                   const std::optional<Checkpoint>& head,
                   const std::vector<Checkpoint>& checkpoints, ByteView public_key) {
  Inspection found;
  std::vector<Checkpoint> genuine;
  std::optional<std::uint64_t> forged;
  for (const Checkpoint& checkpoint : checkpoints) {
    if (crypto::verify_ed25519(public_key, signed_part(checkpoint), checkpoint.signature)) {
      genuine.push_back(checkpoint);
    } else if (!forged || checkpoint.length < *forged) {
      forged = checkpoint.length;
    }
  }
  std::set<std::uint64_t> lengths;  // the table and the file hold the same ones
  for (const Checkpoint& checkpoint : genuine) lengths.insert(checkpoint.length);
  found.checkpoints = lengths.size();
  Walk walk(found, genuine);
  for (Row row;;) {
    const Result<bool> more = next_row(row);
    if (!more.ok()) {
      set_bad(found, found.entries + 1, "ledger.unreadable",
              "Entry " + std::to_string(found.entries + 1) + " cannot be read from the database.");
      break;
    }
    if (!*more || !walk.take(row)) break;
  }
  if (found.ok) {
    look_for_cut_tail(found, head, genuine);
    walk.compare_with(head);
  }
  if (forged) {
    set_bad(found, *forged, "ledger.checkpoint-forged",
            "A checkpoint for length " + std::to_string(*forged) +
                " does not bear this node's signature.");
  }
  return found;
}

}  // namespace veilroute::ledger
