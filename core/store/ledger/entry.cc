// An entry as canonical bytes: version ‖ clear part ‖ ciphertext of the sealed part. The ciphertext
// is what is hashed, so that an inspection needs no keys.
#include "core/store/ledger/entry.h"

#include <algorithm>
#include <array>

#include "core/base/crypto.h"

namespace veilroute::ledger {

namespace {

constexpr std::uint8_t kEntryVersion = 1;

struct KindWord {
  Kind kind;
  std::string_view word;
};
constexpr KindWord kKindWords[] = {
    {Kind::node_started, "node.started"},
    {Kind::node_stopped, "node.stopped"},
    {Kind::configuration_loaded, "configuration.loaded"},
    {Kind::configuration_rejected, "configuration.rejected"},
    {Kind::site_salvaged, "site.salvaged"},
    {Kind::received, "received"},
    {Kind::study_completed, "study.completed"},
    {Kind::study_held, "study.held"},
    {Kind::object_superseded, "object.superseded"},
    {Kind::object_unusable, "object.unusable"},
    {Kind::object_corrupt, "object.corrupt"},
    {Kind::object_shredded, "object.shredded"},
    {Kind::transfer_planned, "transfer.planned"},
    {Kind::transfer_blocked, "transfer.blocked"},
    {Kind::transfer_unblocked, "transfer.unblocked"},
    {Kind::transfer_quarantined, "transfer.quarantined"},
    {Kind::transfer_cleared, "transfer.cleared"},
    {Kind::transfer_withdrawn, "transfer.withdrawn"},
    {Kind::transfer_retried, "transfer.retried"},
    {Kind::finding_accepted, "finding.accepted"},
    {Kind::acceptance_revoked, "acceptance.revoked"},
    {Kind::attempt_started, "attempt.started"},
    {Kind::attempt_finished, "attempt.finished"},
    {Kind::attempt_confirmed, "attempt.confirmed"},
    {Kind::study_resumed, "study.resumed"},
    {Kind::commitment_requested, "commitment.requested"},
    {Kind::commitment_reported, "commitment.reported"},
    {Kind::destination_paused, "destination.paused"},
    {Kind::destination_resumed, "destination.resumed"},
    {Kind::destination_suspended, "destination.suspended"},
};

using Fields = std::map<std::string, std::string>;

void put(Encoder& out, const Fields& fields) {
  out.u32(static_cast<std::uint32_t>(fields.size()));
  for (const auto& [key, value] : fields) out.text(key).text(value);
}

Fields take_fields(Decoder& in) {
  Fields fields;
  // A count that lies ends at the first shortfall: nothing is reserved by it.
  for (std::uint32_t left = in.u32(); left > 0 && in.ok(); --left) {
    std::string key = in.text();
    std::string value = in.text();
    fields.insert_or_assign(std::move(key), std::move(value));
  }
  return fields;
}

std::string seal_context(const Entry& entry) {
  return "ledger:" + std::to_string(entry.node) + ":" + std::to_string(entry.sequence);
}

bool has_sealed_part(const Entry& entry) {
  return !entry.sealed.empty() ||
         std::any_of(entry.items.begin(), entry.items.end(),
                     [](const Item& item) { return !item.sealed.empty(); });
}

Result<Bytes> sealed_part(const Entry& entry, const Keyring& keyring) {
  if (!has_sealed_part(entry)) return Bytes{};
  Encoder out;
  put(out, entry.sealed);
  for (const Item& item : entry.items) put(out, item.sealed);
  return crypto::seal(keyring.ledger, seal_context(entry), out.out());
}

Result<void> open_sealed_part(ByteView sealed, const Keyring& keyring, Entry& entry) {
  if (sealed.empty()) return {};
  VR_TRY(const Bytes plain, crypto::open(keyring.ledger, seal_context(entry), sealed));
  Decoder in(plain);
  entry.sealed = take_fields(in);
  for (Item& item : entry.items) item.sealed = take_fields(in);
  return in.finish("the sealed part of a ledger entry");
}

}  // namespace

std::string_view to_string(Kind kind) {
  for (const KindWord& row : kKindWords) {
    if (row.kind == kind) return row.word;
  }
  return "unknown";
}

std::optional<Kind> kind_of(std::string_view word) {
  for (const KindWord& row : kKindWords) {
    if (row.word == word) return row.kind;
  }
  return std::nullopt;
}

Result<Bytes> encode(const Entry& entry, const Keyring& keyring) {
  Encoder out;
  out.u8(kEntryVersion).u64(entry.sequence).u32(entry.node).u32(entry.epoch);
  out.u32(static_cast<std::uint32_t>(entry.kind)).i64(to_micros(entry.at));
  out.u64(entry.study.value).u64(entry.transfer.value).digest(entry.patient_ref);
  put(out, entry.fields);
  out.u32(static_cast<std::uint32_t>(entry.items.size()));
  for (const Item& item : entry.items) {
    out.u64(item.object.value).text(item.state).text(item.reason);
    out.digest(item.digest).u64(item.bytes);
  }
  VR_TRY(const Bytes sealed, sealed_part(entry, keyring));
  out.bytes(sealed);
  return std::move(out).out();
}

Result<Entry> decode(ByteView bytes, const Keyring* keyring) {
  Decoder in(bytes);
  if (in.u8() != kEntryVersion) {
    return make_error(ErrorKind::corrupt, "ledger.entry-unreadable",
                      "a ledger entry has a version that this program does not know");
  }
  Entry entry;
  entry.sequence = in.u64();
  entry.node = static_cast<std::uint16_t>(in.u32());
  entry.epoch = in.u32();
  entry.kind = static_cast<Kind>(in.u32());
  entry.at = from_micros(in.i64());
  entry.study.value = in.u64();
  entry.transfer.value = in.u64();
  entry.patient_ref = in.digest();
  entry.fields = take_fields(in);
  for (std::uint32_t left = in.u32(); left > 0 && in.ok(); --left) {
    Item item;
    item.object.value = in.u64();
    item.state = in.text();
    item.reason = in.text();
    item.digest = in.digest();
    item.bytes = in.u64();
    entry.items.push_back(std::move(item));
  }
  const ByteView sealed = in.bytes();
  VR_TRY(in.finish("a ledger entry"));
  if (keyring != nullptr) VR_TRY(open_sealed_part(sealed, *keyring, entry));
  return entry;
}

}  // namespace veilroute::ledger
