// A catalog in a folder of its own, with a clock that stands still, and short ways to bring studies
// and transfers into the state a test is about.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/clearance.h"
#include "core/base/crypto.h"
#include "core/store/sqlite/catalog.h"
#include "core/store/sqlite/connection.h"
#include "tests/support/manual_clock.h"
#include "tests/support/objects.h"
#include "tests/support/temporary_folder.h"

namespace veilroute::profiles {
/// The real one makes a clearance after verification; this program does not link it.
class ClearanceOffice {
 public:
  static Clearance clear(const Digest& manifest) { return Clearance(manifest); }
};
}  // namespace veilroute::profiles

namespace veilroute::store {

using namespace std::chrono_literals;
using test::ObjectSpec;
using T = TransferState;
using O = TransferObjectState;

inline constexpr TimePoint kStart{std::chrono::sys_days(std::chrono::year(2026) / 11 / 23)};
inline const CompletionPolicy kPolicy{30s, 15min};
inline const DestinationName kBone{"bone-specialist"};
inline const RouteName kHands{"hands-to-bone"};

/// What an object of a transfer is told to have come to.
inline ObjectOutcome answer(ObjectId object, Outcome outcome, std::uint16_t status = 0) {
  ObjectOutcome told;
  told.object = object;
  told.outcome = outcome;
  told.status = status;
  if (outcome == Outcome::sent) {
    told.sent_digest = crypto::sha256(as_bytes("sent"));
    told.sent_bytes = 4;
  }
  return told;
}

inline AttemptResult attempt_result(Outcome outcome, std::vector<ObjectOutcome> objects,
                                    TimePoint due_at = {}) {
  AttemptResult result;
  result.outcome = outcome;
  if (outcome != Outcome::sent) result.slug = "peer.said-so";
  result.due_at = due_at;
  result.peer_certificate = "ab12";
  result.tls = "TLSv1.3 TLS_AES_256_GCM_SHA384";
  result.objects = std::move(objects);
  return result;
}

inline TransferPlan plan_for(const RouteName& route = kHands,
                             const DestinationName& destination = kBone) {
  TransferPlan plan;
  plan.route = route;
  plan.destination = destination;
  plan.profile = {"basic"};
  plan.profile_version = {"0123abcd"};
  plan.profile_text = "name = 'basic'";
  plan.basis = "de-identified";
  plan.scope = {"destination:" + destination.value};
  plan.gate_document = "DUA-2026-014";
  return plan;
}

class CatalogRoom {
 public:
  CatalogRoom() {
    create_sqlite_catalog(file(), master_).value();
    reopen();
    catalog_->add_segment({1}, Bytes(crypto::kWrappedKeyBytes, 0x22)).value();
  }
  CatalogRoom(const CatalogRoom&) = delete;
  CatalogRoom& operator=(const CatalogRoom&) = delete;

  Catalog* operator->() { return catalog_.get(); }
  Catalog& operator*() { return *catalog_; }
  ManualClock& clock() { return clock_; }
  [[nodiscard]] const Secret& master() const { return master_; }
  [[nodiscard]] std::filesystem::path folder() const { return folder_.path(); }
  [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "catalog.db"; }
  [[nodiscard]] std::filesystem::path checkpoints() const {
    return folder_.path() / "log" / "checkpoints.jsonl";
  }
  void close() { catalog_.reset(); }
  void reopen() {
    catalog_.reset();
    catalog_ = open_sqlite_catalog(file(), master_, clock_).value();
  }
  /// For a process that goes on where another one was killed.
  void number_objects_from(std::uint64_t id) { next_object_ = id; }
  /// A second connection, for what no verb shows or does.
  std::unique_ptr<sqlite::Connection> raw() {
    return sqlite::Connection::open(file(), sqlite::Connection::Use::write).value();
  }

  /// Records an object that arrives now, and waits for its row.
  ObjectId receive(ObjectSpec spec) {
    spec.id = next_object_++;
    spec.at = clock_.now();
    catalog_->record_object(test::new_object(spec), kPolicy).value();
    catalog_->flush().value();
    return {spec.id};
  }
  StudyKey key(unsigned study) {
    return catalog_->find_study(test::study_uid(study)).value().value();
  }
  Study study(unsigned number) { return catalog_->load_study(key(number)).value(); }
  ObjectState state(ObjectId object) { return catalog_->load_object(object).value().state; }

  /// Lets the quiet time pass and completes the study.
  void complete(unsigned number) {
    clock_.advance(kPolicy.quiet);
    const Study open = study(number);
    ASSERT_TRUE(catalog_->complete_study(open.key, open.last_at).value());
  }
  /// The live objects of the study's generation, as a plan without exclusions names them.
  std::vector<TransferObject> planned_objects(unsigned number) {
    const Study seen = study(number);
    std::vector<TransferObject> objects;
    for (const SpooledObject& object : seen.objects) {
      if (object.state != ObjectState::live || object.generation != seen.generation) continue;
      TransferObject row;
      row.object = object.head.id;
      objects.push_back(row);
    }
    return objects;
  }
  TransferId plan(unsigned number, const TransferPlan& plan = plan_for()) {
    catalog_->add_transfers(key(number), {{plan, "", planned_objects(number)}}).value();
    return catalog_->study_view(key(number)).value().transfers.back().id;
  }
  /// What a preparation of everything planned leaves behind.
  PreparedTransfer prepared(TransferId id) {
    PreparedTransfer prepared;
    prepared.wrapped_outbox_key = Bytes(crypto::kWrappedKeyBytes, 0x33);
    const Transfer transfer = load(id);
    (void)catalog_->pseudonyms(transfer.study, transfer.plan.scope).value();
    std::uint32_t record = 0;
    for (TransferObject object : transfer.objects) {
      if (object.state != O::planned) continue;
      object.state = O::cleared;
      object.record = record++;
      object.sop_instance = new_uid(object.object);
      prepared.objects.push_back(std::move(object));
    }
    return prepared;
  }
  void queue(TransferId id) { catalog_->queue_transfer(id, clearance(), prepared(id)).value(); }
  /// A study of `objects` objects with one cleared transfer.
  TransferId cleared(unsigned number, unsigned objects) {
    for (unsigned i = 0; i < objects; ++i) {
      receive({.study = number, .instance = number * 1000 + i, .bytes = number * 1000 + i});
    }
    complete(number);
    const TransferId id = plan(number);
    queue(id);
    return id;
  }
  TransferId sending(unsigned number, unsigned objects) {
    const TransferId id = cleared(number, objects);
    catalog_->begin_attempt(id, {}).value();
    return id;
  }

  Transfer load(TransferId id) { return catalog_->load_transfer(id).value(); }
  T state(TransferId id) { return load(id).state; }
  std::vector<ObjectId> objects(TransferId id) {
    std::vector<ObjectId> ids;
    for (const TransferObject& object : load(id).objects) ids.push_back(object.object);
    return ids;
  }
  O state(TransferId id, ObjectId object) {
    for (const TransferObject& row : load(id).objects) {
      if (row.object == object) return row.state;
    }
    ADD_FAILURE() << "the object is not part of the transfer";
    return O::planned;
  }
  RouteSum sum(unsigned number) { return catalog_->study_view(key(number)).value().sums.at(0); }
  std::vector<ledger::Entry> entries(ledger::Kind kind) {
    LedgerFilter filter;
    filter.kind = kind;
    return catalog_->ledger_entries(filter).value();
  }
  ledger::Entry last(ledger::Kind kind) {
    const std::vector<ledger::Entry> all = entries(kind);
    if (!all.empty()) return all.back();
    ADD_FAILURE() << "no entry " << ledger::to_string(kind);
    return {};
  }
  std::uint64_t ledger_length() { return catalog_->inspect_ledger().value().entries; }

  static Clearance clearance() {
    return profiles::ClearanceOffice::clear(crypto::sha256(as_bytes("manifest")));
  }
  static Uid new_uid(ObjectId object) { return {"2.25.7" + std::to_string(object.value)}; }
  static TransferObject found(ObjectId object, const std::string& rule = "pixels.burned-in") {
    TransferObject row;
    row.object = object;
    row.state = O::quarantined;
    row.reason = rule;
    row.findings = {{"(0028,0301)", rule, "Look at the picture."}};
    return row;
  }

 private:
  TemporaryFolder folder_;
  Secret master_ = crypto::random_key();
  ManualClock clock_{kStart};
  std::unique_ptr<Catalog> catalog_;
  std::uint64_t next_object_ = 1'000'000;
};

/// The slug of a failure; "ok" when there was none.
template <typename Value>
std::string slug(const Result<Value>& result) {
  return result.ok() ? "ok" : result.error().slug;
}
template <typename Value>
ErrorKind kind_of(const Result<Value>& result) {
  EXPECT_FALSE(result.ok());
  return result.ok() ? ErrorKind::internal : result.error().kind;
}

}  // namespace veilroute::store
