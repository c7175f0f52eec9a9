// Appending to the ledger.
#include "core/store/sqlite/ledger_writer.h"

#include <algorithm>

#include "core/base/crypto.h"
#include "core/store/ledger/chain.h"
#include "core/store/sqlite/sealer.h"
#include "core/store/sqlite/work.h"

namespace veilroute::store::sqlite {

namespace {

Digest mac_of(const Keyring& keyring, const LedgerHead& head) {
  Encoder message;
  message.text("veilroute ledger head").u32(kNode).u64(head.length).digest(head.link);
  return crypto::hmac_sha256(keyring.ledger.view(), message.out());
}

Error forged_head() {
  return make_error(ErrorKind::corrupt, "ledger.head-forged",
                    "the ledger's statement of its own length is missing or was changed");
}

}  // namespace

Result<LedgerHead> read_ledger_head(Connection& db, const Keyring& keyring) {
  VR_TRY(Statement row, db.prepare("SELECT length, link, mac FROM ledger_head WHERE node = ?1"));
  VR_TRY(const bool there, row.bind(kNode).step());
  if (!there) return forged_head();
  const LedgerHead head{row.u64(0), row.digest(1)};
  if (row.digest(2) != mac_of(keyring, head)) return forged_head();
  return head;
}

Result<void> write_ledger_head(Connection& db, const Keyring& keyring, const LedgerHead& head) {
  return db.run(
      "INSERT INTO ledger_head (node, length, link, mac) VALUES (?1, ?2, ?3, ?4)"
      " ON CONFLICT (node) DO UPDATE SET length = ?2, link = ?3, mac = ?4",
      kNode, head.length, head.link, mac_of(keyring, head));
}

Result<void> append_to_ledger(Connection& db, const Keyring& keyring, ledger::Entry entry) {
  VR_TRY(LedgerHead head, read_ledger_head(db, keyring));
  entry.sequence = head.length + 1;
  entry.node = kNode;
  entry.epoch = kEpoch;
  VR_TRY(const Bytes bytes, ledger::encode(entry, keyring));
  const Digest leaf = ledger::leaf_of(bytes);
  head = {entry.sequence, ledger::link_of(head.link, leaf)};
  const ledger::Columns columns = ledger::columns_of(entry);
  VR_TRY(db.run("INSERT INTO ledger (sequence, node, epoch, kind, at, study, transfer, destination,"
                " entry, leaf, link) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                entry.sequence, kNode, kEpoch, columns.kind, columns.at_micros, columns.study,
                columns.transfer, columns.destination, bytes, leaf, head.link));
  return write_ledger_head(db, keyring, head);
}

Secret checkpoint_seed(const Keyring& keyring) {
  const Digest seed =
      crypto::hmac_sha256(keyring.ledger.view(), as_bytes("veilroute checkpoint signature"));
  return Secret(Bytes(seed.begin(), seed.end()));
}

}  // namespace veilroute::store::sqlite
