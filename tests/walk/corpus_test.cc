// Real objects of many makers through the whole node, the whole corpus by two senders in one run.
// What becomes of each, and why what was not sent is right not to be, stands in expected.tsv;
// VEILROUTE_UPDATE_GOLDEN=1 rewrites it, and the commit says why.
#include <gtest/gtest.h>

#include <cctype>
#include <cstdlib>
#include <sstream>

#include "tests/walk/offers.h"

namespace veilroute::walk {
namespace {

using namespace std::chrono_literals;

constexpr const char* kExpected = VEILROUTE_SOURCE_DIR "/tests/walk/expected.tsv";

/// Our own sender, and a route whose pixels a document vouches for: what `demo` quarantines for its
/// pixels goes on here.
constexpr const char* kOwnSource = R"(
[[source]]
name = "own-sender"
ae_title = "OWN_SENDER"
addresses = ["127.0.0.0/8"]
)";
constexpr const char* kOwnRoute = R"([[route]]
name = "vouched"
when = 'source = "own-sender"'
destination = "demo-partner"
profile = "basic"
basis = "de-identified"
consent = { required = false, reason = "de-identified data" }
pixels = { trust = "the corpus holds no real patient" }
)";

/// A row of expected.tsv.
struct Row {
  std::string by_dcmsend, by_own_sender, why;
  bool operator==(const Row&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Row& row) {
  return out << row.by_dcmsend << '\t' << row.by_own_sender << '\t' << row.why;
}
using Rows = std::map<std::string, Row>;

Rows read_expected() {
  Rows rows;
  std::istringstream in(test::read_file(kExpected));
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream cells(line);
    std::string name;
    Row row;
    std::getline(cells, name, '\t');
    std::getline(cells, row.by_dcmsend, '\t');
    std::getline(cells, row.by_own_sender, '\t');
    std::getline(cells, row.why, '\t');
    rows[name] = row;
  }
  return rows;
}

void write_expected(const Rows& rows) {
  std::ofstream out(kExpected);
  out << "file\tby dcmsend\tby own sender\twhy\n";
  for (const auto& [name, row] : rows) out << name << '\t' << row << '\n';
}

/// What became of one object, as the node's own accounts tell it.
struct Fate {
  std::string word;     ///< "sent", "held:reason", ...; "lost" when no account names it
  std::string new_uid;  ///< under which it left
  std::string digest;   ///< of the data set as it was spooled
};

/// By the SOP Instance UID it came with.
std::map<std::string, Fate> fates_of(const test::Node& node,
                                     const std::map<std::uint64_t, json>& studies) {
  std::map<std::uint64_t, Fate> fates;
  std::map<std::string, std::uint64_t> numbers;
  std::map<std::uint64_t, std::uint64_t> study_of;
  for (const auto& entry : node.ledger()) {
    for (const auto& item : entry.value("items", json::array())) {
      Fate& fate = fates[item.at("object").get<std::uint64_t>()];
      const json identified = item.value("identified", json::object());
      const auto state = item.value("state", std::string());
      if (entry.at("kind") == "received") {
        const auto object = item.at("object").get<std::uint64_t>();
        numbers[identified.at("sop_instance")] = object;
        study_of[object] = entry.at("study").get<std::uint64_t>();
        fate.digest = item.value("digest", "");
      }
      if (state == "sent" || state == "superseded") fate.word = state;
      if (state == "quarantined" || state == "refused") {
        fate.word = state + ":" + item.value("reason", std::string());
      }
      if (state == "sent") fate.new_uid = identified.value("new_sop_instance", "");
    }
  }
  for (const auto& [number, view] : studies) {
    for (const auto& row : view.value("unusable", json::array())) {
      fates[row.at("object").get<std::uint64_t>()].word =
          "unusable:" + row.at("reason").get<std::string>();
    }
  }
  std::map<std::string, Fate> by_uid;
  for (const auto& [uid, number] : numbers) {
    Fate& fate = by_uid[uid] = fates[number];
    if (!fate.word.empty()) continue;
    const json& study = studies.at(study_of[number]);
    fate.word = study.at("state") == "held" ? "held:" + study.value("reason", "") : "lost";
  }
  return by_uid;
}

/// What is in quarantine is given up where others of its transfer wait for it.
void give_up_quarantined(const test::Node& node) {
  Asking asking(node);
  for (const auto& transfer : asking.ask("quarantine.list").value("transfers", json::array())) {
    if (transfer.at("objects").size() < 2) continue;
    asking.ask("quarantine.withdraw", {{"transfer", transfer.at("transfer")}});
  }
}

std::set<std::string> errors_of(const fs::path& file) {
  std::set<std::string> errors;
  std::istringstream lines(test::run({"dciodvfy", file.string()}).output);
  for (std::string line; std::getline(lines, line);) {
    // Values may stand in brackets behind the rule; the rule is what counts.
    if (line.starts_with("Error")) errors.insert(line.substr(0, line.find(" <")));
  }
  return errors;
}

/// What de-identification may bring, each with its reason.
bool is_expected_error(const std::string& name, const std::string& error) {
  // Image Type is no code string as it came, and is not kept.
  return name == "us/gdcm-US-ALOKA-16.dcm" && error.find("<ImageType>") != error.npos;
}

/// Every run of digits and dots that may be a UID.
std::set<std::string> uids_in(std::string_view text) {
  std::set<std::string> found;
  constexpr std::string_view kOfUids = "0123456789.";
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && kOfUids.find(text[end]) != kOfUids.npos) ++end;
    if (end - at >= 8) found.insert(std::string(text.substr(at, end - at)));
    at = end + 1;
  }
  return found;
}

class CorpusWalk : public ::testing::Test {
 protected:
  /// Everything offered by both, and settled.
  void walk() {
    node_.append("site.toml", kOwnSource);
    node_.edit("site.toml", "protocol = \"dicom\" ", "private_classes = true\nprotocol = \"dicom\" ");
    std::ofstream(node_.site() / "conf.d/30-vouched.toml") << kOwnRoute;
    node_.start_partner();
    ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
    const fs::path copies = folder_.path() / "by-dcmsend";
    by_dcmsend_ = make_offers(copies, true);
    by_own_sender_ = make_offers(folder_.path() / "by-own-sender", false);
    offer_by_dcmsend(node_, by_dcmsend_, copies);
    offer_by_own_sender(node_, by_own_sender_);
    ASSERT_TRUE(node_.wait_until_settled(180s)) << node_.verb({"queue", "list"}).output;
    give_up_quarantined(node_);
    ASSERT_TRUE(node_.wait_until_settled(180s)) << node_.verb({"queue", "list"}).output;
    const auto studies = studies_of(node_);
    known_ = fates_of(node_, studies);
    for (auto* offers : {&by_dcmsend_, &by_own_sender_}) {
      for (Offer& offer : *offers) settle(offer);
    }
  }
  void settle(Offer& offer) {
    if (!offer.fate.empty()) return;
    const Fate& fate = known_[offer.instance];
    offer.fate = fate.word.empty() ? "lost" : fate.word;
    offer.new_uid = fate.new_uid;
  }
  /// What became of each, beside the reasons that stand in the table.
  [[nodiscard]] Rows rows(const Rows& expected) const {
    Rows rows;
    for (const Offer& offer : by_dcmsend_) rows[offer.name].by_dcmsend = offer.fate;
    for (const Offer& offer : by_own_sender_) rows[offer.name].by_own_sender = offer.fate;
    for (auto& [name, row] : rows) {
      const auto known = expected.find(name);
      if (known != expected.end()) row.why = known->second.why;
    }
    return rows;
  }
  /// The spool holds the very bytes of the file: their digest is in the ledger.
  void expect_received_bit_exact() {
    std::size_t compared = 0;
    for (const Offer& offer : by_own_sender_) {
      const auto known = known_.find(offer.instance);
      if (known == known_.end() || known->second.digest.empty()) continue;
      ++compared;
      EXPECT_EQ(known->second.digest, to_hex(crypto::sha256(offer.data()))) << offer.name;
    }
    EXPECT_GT(compared, 240U);
  }
  /// What is the same in an object as it was sent and in the partner's copy, and what may differ.
  static void compare(const Offer& offer, const Copy& copy) {
    SCOPED_TRACE(offer.name);
    // dcmsend writes big endian as little endian where that is accepted: other bytes, by its doing.
    const bool swapped = offer.head.transfer_syntax.value == dicom::kExplicitBigEndian &&
                         copy.head.transfer_syntax != offer.head.transfer_syntax;
    // Its Pixel Data has padding behind the frames, which is cut: what nobody sees may hold anything.
    const bool padded = offer.name == "mr/MR_small_padded.dcm";
    const Copy source = read_copy(offer.path);
    if (is_to_be_stripped(source)) {
      EXPECT_EQ(digest_of_samples(offer.path), digest_of_samples(copy.path))
          << "the picture changed on the way";
    } else if (!swapped && !padded) {
      EXPECT_EQ(digest_of_pixels(source), digest_of_pixels(copy))
          << "pixel data changed on the way";
    }
    EXPECT_EQ(copy.text({0x0012, 0x0062}), "YES");
    const auto before = errors_of(offer.path);
    if (before.contains("Error - Information Object Not found")) return;  // unreadable for dciodvfy
    for (const std::string& error : errors_of(copy.path)) {
      EXPECT_TRUE(before.contains(error) || is_expected_error(offer.name, error))
          << "dciodvfy: " << error;
    }
  }

  TemporaryFolder folder_;
  test::Node node_;
  std::vector<Offer> by_dcmsend_, by_own_sender_;
  std::map<std::string, Fate> known_;
};

TEST_F(CorpusWalk, EveryObjectEndsAsExpectedWithItsPixelsUntouched) {
  walk();
  if (HasFatalFailure()) return;
  const Rows expected = read_expected();
  const Rows found = rows(expected);
  if (std::getenv("VEILROUTE_UPDATE_GOLDEN") != nullptr) write_expected(found);
  EXPECT_EQ(found, expected);
  for (const auto& [name, row] : found) {
    const bool sent = row.by_dcmsend == "sent" && row.by_own_sender == "sent";
    EXPECT_NE(row.by_dcmsend, "lost") << name;
    EXPECT_NE(row.by_own_sender, "lost") << name;
    EXPECT_NE(sent, !row.why.empty()) << name << ": the table says why what is not sent is not";
  }
  expect_received_bit_exact();

  const auto copies = read_copies(node_.received_files());
  std::map<std::string, const Copy*> by_uid;
  for (const Copy& copy : copies) by_uid[copy.head.sop_instance.value] = &copy;
  std::set<std::string> came;
  std::size_t sent = 0;
  for (const auto* offers : {&by_dcmsend_, &by_own_sender_}) {
    for (const Offer& offer : *offers) {
      if (offer.instance.size() >= 8) came.insert(offer.instance);
      if (offer.study.size() >= 8) came.insert(offer.study);
      if (offer.fate != "sent") continue;
      ++sent;
      const auto copy = by_uid.find(offer.new_uid);
      if (copy == by_uid.end()) {
        ADD_FAILURE() << offer.name << " is sent by the ledger and not with the partner";
      } else {
        compare(offer, *copy->second);
      }
    }
  }
  EXPECT_EQ(copies.size(), sent);
  for (const Copy& copy : copies) {
    for (const std::string& uid : uids_in(as_text(copy.bytes))) {
      EXPECT_FALSE(came.contains(uid)) << copy.path << ": a UID as it came is in a copy";
    }
  }
  expect_accounts_close(node_);
}

}  // namespace
}  // namespace veilroute::walk
