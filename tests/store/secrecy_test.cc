// What may identify a person stands in no file of the catalog in clear: not in the database, not in
// its journal, not in the checkpoints (law 4).
#include <gtest/gtest.h>

#include "core/base/files.h"
#include "tests/store/catalog_room.h"

namespace veilroute::store {
namespace {

constexpr const char* kMarkers[] = {
    "CANARY-PATIENT", "CANARY-ISSUER", "CANARY^NAME",    "CANARYCALLING",
    "CANARYCALLED",   "1.2.99.111",    "1.2.99.222",     "1.2.99.333",
    "2.25.444",       "CANARY-PEER",   "CANARY-RESTORE",
};

NewObject marked_object(std::uint64_t id) {
  NewObject object = test::new_object({.id = id, .at = kStart});
  object.head.calling_ae = {"CANARYCALLING"};
  object.head.called_ae = {"CANARYCALLED"};
  object.head.sop_instance = {"1.2.99.222." + std::to_string(id)};
  object.facts.study = {"1.2.99.111"};
  object.facts.series = {"1.2.99.333"};
  object.facts.patient_id = Phi<std::string>("CANARY-PATIENT");
  object.facts.issuer = Phi<std::string>("CANARY-ISSUER");
  object.facts.match_facts = {{{0x0010, 0x0010}, Phi<std::string>("CANARY^NAME")}};
  return object;
}

/// A walk through every verb that is handed something that identifies.
void walk(CatalogRoom& room) {
  for (std::uint64_t id = 100; id < 104; ++id) {
    room->record_object(marked_object(id), kPolicy).value();
  }
  room->flush().value();
  const StudyKey key = room->find_study({"1.2.99.111"}).value().value();
  const Study open = room->load_study(key).value();
  ASSERT_TRUE(room->complete_study(key, open.last_at).value());
  std::vector<TransferObject> objects(4);
  for (std::uint64_t i = 0; i < 4; ++i) objects[i].object = {100 + i};
  room->add_transfers(key, {{plan_for(), "", objects}}).value();
  const TransferId id = room->study_view(key).value().transfers.at(0).id;
  PreparedTransfer prepared = room.prepared(id);
  for (TransferObject& object : prepared.objects) {
    object.sop_instance = {"2.25.444" + std::to_string(object.object.value)};
  }
  prepared.uids = {{Phi<std::string>("1.2.99.111"), {"2.25.444"}, "study"}};
  prepared.restore = {{"PatientName", "CANARY-RESTORE"}};
  room->queue_transfer(id, CatalogRoom::clearance(), prepared).value();
  room->begin_attempt(id, {}).value();
  room->checkpoint_attempt(id, {answer({100}, Outcome::sent)}).value();
  AttemptResult result = attempt_result(Outcome::deferred, {answer({101}, Outcome::refused)});
  result.peer_certificate = "CANARY-PEER";
  room->finish_attempt(id, result).value();
  ledger::Entry entry;
  entry.sealed["address"] = "CANARY-PEER";
  room->append_entry(std::move(entry)).value();
  room->checkpoint_ledger(room.checkpoints()).value();
}

std::size_t search(const CatalogRoom& room, const std::vector<std::string>& wanted) {
  std::size_t files = 0;
  for (const auto& found : std::filesystem::recursive_directory_iterator(room.folder())) {
    if (!found.is_regular_file()) continue;
    ++files;
    const std::string content = read_text_file(found.path(), 1ULL << 30U).value();
    for (const std::string& marker : wanted) {
      EXPECT_EQ(content.find(marker), std::string::npos)
          << found.path().filename() << " holds " << marker;
    }
  }
  return files;
}

TEST(Secrecy, NoFileOfTheCatalogHoldsWhatIdentifies) {
  CatalogRoom room;
  walk(room);
  const StudyKey key = room->find_study({"1.2.99.111"}).value().value();
  const PseudonymRow row = room->pseudonyms(key, plan_for().scope).value();
  std::vector<std::string> wanted(std::begin(kMarkers), std::end(kMarkers));
  wanted.push_back(row.pseudonym.reveal());
  wanted.push_back(row.accession.reveal());
  wanted.emplace_back(as_text(row.secret.view()));
  wanted.emplace_back(as_text(room.master().view()));
  for (const Secret* site_key : {&room->keyring().spool, &room->keyring().catalog,
                                 &room->keyring().index, &room->keyring().ledger}) {
    wanted.emplace_back(as_text(site_key->view()));
  }
  // Open: the journal holds what was just written. Closed: the database holds it.
  EXPECT_GE(search(room, wanted), 3U);
  EXPECT_TRUE(std::filesystem::exists(room.file().string() + "-wal"));
  room.close();
  EXPECT_EQ(search(room, wanted), 2U);
}

TEST(Secrecy, TheSearchWouldFindWhatIsThere) {
  CatalogRoom room;
  ledger::Entry entry;
  entry.fields["slug"] = "in-the-clear";
  room->append_entry(std::move(entry)).value();
  const std::string wal = read_text_file(room.file().string() + "-wal").value();
  EXPECT_NE(wal.find("in-the-clear"), std::string::npos);
}

TEST(Secrecy, ErrorsDoNotQuoteWhatIdentifies) {
  CatalogRoom room;
  NewObject object = marked_object(7);
  object.head.sop_instance.value.clear();
  const Error error = room->record_object(object, kPolicy).error();
  for (const char* marker : kMarkers) {
    EXPECT_EQ(error.text().find(marker), std::string::npos) << marker;
  }
}

}  // namespace
}  // namespace veilroute::store
