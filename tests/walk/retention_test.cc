// Objects whose transfers are over are shredded by a running node, and nothing that was ever on this
// disk opens them again: not the master key, not the site keys, not a copy of the spool.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/keyring.h"
#include "core/store/segment_format.h"
#include "core/store/sqlite/catalog.h"
#include "tests/support/wait.h"
#include "tests/walk/copies.h"

namespace veilroute::walk {
namespace {

using namespace std::chrono_literals;

/// What a thief who had everything would have kept.
struct Loot {
  std::vector<Bytes> wrapped_keys;
  std::vector<store::ObjectLocation> places;
  std::map<SegmentId, Bytes> segments;
};

class Retention : public ::testing::Test {
 protected:
  void SetUp() override {
    node_.edit("site.toml", "[completion]",
               "[retention]\nkeep = \"1s\"\nsuperseded = \"1s\"\nunusable = \"1s\"\n\n[completion]");
    node_.start_partner();
    ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  }

  fs::path state() const { return node_.site() / "state"; }
  std::unique_ptr<store::Catalog> catalog() {
    const Secret master = read_master_key(node_.site(), "file:keys/master.key").value();
    return store::open_sqlite_catalog(state() / "catalog.db", master, clock_).value();
  }
  /// Sends so many studies of one object each, and waits until they are with the partner.
  void send(unsigned studies) {
    std::vector<std::string> names;
    for (unsigned i = 1; i <= studies; ++i) {
      names.push_back(
          write_phantom(folder_.path(), small(dicom::PhantomKind::ct, i)).path.string());
    }
    ASSERT_EQ(node_.send(names).exit_code, 0);
    ASSERT_TRUE(node_.wait_until_settled(60s));
    ASSERT_EQ(node_.received_files().size(), studies);
  }
  /// With the node stopped.
  Loot loot() {
    Loot loot;
    const auto rows = catalog();
    const auto studies = rows->list_studies(100).value();
    for (const auto& study : studies) {
      const auto loaded = rows->load_study(study.key).value();
      for (const auto& object : loaded.objects) {
        EXPECT_TRUE(crypto::unwrap_key(rows->keyring().spool, object.location.wrapped_key).ok());
        loot.wrapped_keys.push_back(object.location.wrapped_key);
        loot.places.push_back(object.location);
        const fs::path file = state() / "spool" / store::segment_file_name(object.location.segment);
        loot.segments[object.location.segment] = support::read_whole_file(file);
      }
    }
    return loot;
  }
  bool all_shredded() const {
    const auto studies = studies_of(node_);
    return !studies.empty() &&
           std::all_of(studies.begin(), studies.end(), [](const auto& study) {
             const json rows = study.second.value("retention", json::array());
             return rows.size() == 1 && rows[0].value("state", "") == "shredded";
           });
  }
  bool stands_somewhere(ByteView wanted) const {
    const auto files = test::files_below(state());
    return std::any_of(files.begin(), files.end(), [&](const fs::path& file) {
      if (!fs::is_regular_file(file)) return false;
      const std::string bytes = test::read_file(file);
      return bytes.find(std::string(wanted.begin(), wanted.end())) != std::string::npos;
    });
  }

  TemporaryFolder folder_;
  test::Node node_;
  SystemClock clock_;
};

TEST_F(Retention, WhatIsOverCannotBeOpenedByAnyKeyOfThisSite) {
  send(2);
  for (const auto& [number, view] : studies_of(node_)) {
    EXPECT_EQ(view.at("retention").at(0).at("state"), "kept") << number;
  }
  ASSERT_EQ(node_.stop(), 0);
  const Loot loot = this->loot();
  ASSERT_EQ(loot.wrapped_keys.size(), 2U);
  EXPECT_TRUE(stands_somewhere(loot.wrapped_keys[0])) << "the search finds nothing";

  // The start closes the segment of the run before; then their time is over.
  ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  ASSERT_TRUE(test::wait_for([&] { return all_shredded(); }, 30s));
  const fs::path file = state() / "spool" / store::segment_file_name(loot.places[0].segment);
  EXPECT_TRUE(test::wait_for([&] { return !fs::exists(file); }, 30s)) << "the room is not given back";
  EXPECT_TRUE(test::wait_for(
      [&] {
        return std::none_of(loot.wrapped_keys.begin(), loot.wrapped_keys.end(),
                            [&](const Bytes& key) { return stands_somewhere(key); });
      },
      30s))
      << "a key is left in a file of the running node";
  EXPECT_TRUE(test::files_below(state() / "outbox").empty());
  const std::string shown =
      node_.verb({"study", "show", std::to_string(studies_of(node_).begin()->first)})
          .output;
  EXPECT_NE(shown.find("1 object was shredded at "), std::string::npos) << shown;
  expect_accounts_close(node_);
  ASSERT_EQ(node_.stop(), 0);

  const auto rows = catalog();
  const auto segments = rows->segments().value();
  for (const store::SegmentRow& segment : segments) {
    EXPECT_TRUE(!segment.wrapped_key || !loot.segments.contains(segment.id));
  }
  // The record holds the object's key as well, under that of its segment, which is gone.
  for (const store::ObjectLocation& place : loot.places) {
    const Bytes& segment = loot.segments.at(place.segment);
    const auto frame = store::decode_frame(ByteView(segment).subspan(
        static_cast<std::size_t>(place.offset), store::kFrameBytes));
    ASSERT_TRUE(frame.has_value());
    const Keyring& keys = rows->keyring();
    for (const Secret* key : {&keys.spool, &keys.catalog, &keys.index, &keys.ledger}) {
      EXPECT_FALSE(crypto::unwrap_key(*key, frame->wrapped_key).ok());
    }
  }
}

TEST_F(Retention, GoesOnAfterAKillInItsMidst) {
  send(6);
  ASSERT_EQ(node_.stop(), 0);
  for (int i = 0; i < 3; ++i) {
    node_.launch();
    test::wait_for([&] { return node_.wait_for_event("retention.round", 0, 1s); }, 1s);
    node_.kill();
  }
  ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  ASSERT_TRUE(test::wait_for([&] { return all_shredded(); }, 30s));
  EXPECT_EQ(node_.verb({"ledger", "inspect"}).exit_code, 0);
  expect_accounts_close(node_);
  EXPECT_EQ(test::read_file(node_.log_file()).find("spool.records-missing"), std::string::npos);
}

}  // namespace
}  // namespace veilroute::walk
