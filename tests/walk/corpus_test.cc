// Real objects of many makers through the whole node. What becomes of each stands in expected.tsv;
// VEILROUTE_UPDATE_GOLDEN=1 rewrites it, and the commit says why.
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <sstream>

#include "tests/walk/copies.h"

namespace veilroute::walk {
namespace {

using namespace std::chrono_literals;

constexpr const char* kExpected = VEILROUTE_SOURCE_DIR "/tests/walk/expected.tsv";
constexpr const char* kFolders[] = {"cr-dx-mg", "ct", "study-tiny", "study-dicomdir"};

/// An object of the corpus as it is sent: with a UID of its own where two files share one.
struct Offered {
  std::string name;  ///< relative to the corpus
  fs::path path;     ///< what is sent: the file itself, or a copy with a fresh UID
  std::string uid;   ///< its SOP Instance UID as sent
};

std::string value_of(const fs::path& file, const char* tag) {
  const auto dumped = test::run({"dcmdump", "-q", "-s", "-Un", "+P", tag, file.string()});
  const std::size_t from = dumped.output.find('[');
  const std::size_t to = dumped.output.find(']');
  return from == std::string::npos || to == std::string::npos
             ? std::string()
             : dumped.output.substr(from + 1, to - from - 1);
}

std::vector<Offered> offered_objects(const fs::path& copies) {
  const fs::path corpus = VEILROUTE_CORPUS_DIR;
  fs::create_directories(copies);
  std::vector<Offered> offered;
  std::set<std::string> seen;
  for (const char* folder : kFolders) {
    for (const fs::path& file : test::files_below(corpus / folder)) {
      Offered one;
      one.name = file.lexically_relative(corpus).string();
      one.path = file;
      one.uid = value_of(file, "SOPInstanceUID");
      if (!one.uid.empty() && !seen.insert(one.uid).second) {
        one.path = copies / ("copy-" + std::to_string(offered.size()) + ".dcm");
        fs::copy_file(file, one.path);
        const auto changed = test::run({"dcmodify", "-nb", "-gin", one.path.string()});
        EXPECT_EQ(changed.exit_code, 0) << changed.output;
        one.uid = value_of(one.path, "SOPInstanceUID");
      }
      offered.push_back(std::move(one));
    }
  }
  return offered;
}

/// Sends one file; "" when it was acknowledged, else "refused:STATUS" or "not-offered", which is what
/// dcmsend makes of files that are no objects.
std::string send_one(const test::Node& node, const Offered& one, const fs::path& report) {
  const auto sent = test::run({"dcmsend", "-dn", "-v", "-aet", "DEMO_XRAY", "-aec", "VEILROUTE",
                               "+crf", report.string(), "127.0.0.1", std::to_string(node.port()),
                               one.path.string()});
  const std::string text = test::read_file(report);
  fs::remove(report);
  const std::size_t at = text.find("DIMSE Status  : ");
  if (at == std::string::npos) return "not-offered";
  const std::string status = text.substr(at + 18, 4);
  return status == "0000" ? std::string() : "refused:" + status;
}

/// What became of one object, as the node's own accounts tell it.
struct Fate {
  std::string word;     ///< "sent", "quarantined:slug", "unusable:slug", "refused:status", ...
  std::string new_uid;  ///< under which it left
};

/// By the SOP Instance UID it came with.
std::map<std::string, Fate> fates_of(const test::Node& node) {
  std::map<std::uint64_t, Fate> fates;
  std::map<std::string, std::uint64_t> numbers;
  for (const auto& [number, view] : studies_of(node)) {
    for (const auto& row : view.value("unusable", json::array())) {
      fates[row.at("object").get<std::uint64_t>()].word =
          "unusable:" + row.at("reason").get<std::string>();
    }
  }
  for (const auto& entry : node.ledger()) {
    for (const auto& item : entry.value("items", json::array())) {
      const auto object = item.at("object").get<std::uint64_t>();
      const json identified = item.value("identified", json::object());
      const auto state = item.value("state", std::string());
      if (entry.at("kind") == "received") numbers[identified.at("sop_instance")] = object;
      if (state == "sent" || state == "superseded") fates[object].word = state;
      if (state == "quarantined" || state == "refused") {
        fates[object].word = state + ":" + item.value("reason", std::string());
      }
      if (state == "sent") fates[object].new_uid = identified.value("new_sop_instance", "");
    }
  }
  std::map<std::string, Fate> by_uid;
  for (const auto& [uid, number] : numbers) by_uid[uid] = fates[number];
  return by_uid;
}

/// What is in quarantine is given up, so that the others of its transfer go.
void give_up_quarantined(const test::Node& node) {
  const json listed = node.ask({"quarantine", "list"});
  for (const auto& transfer : listed.value("transfers", json::array())) {
    const auto number = std::to_string(transfer.at("transfer").get<std::uint64_t>());
    const auto done = node.verb({"quarantine", "withdraw", number});
    EXPECT_EQ(done.exit_code, 0) << done.output;
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

/// Errors that de-identification may bring, each with its reason.
bool is_expected_error(const std::string& error) {
  static const std::vector<std::string> table = {
      // dciodvfy is of 2022; these rules came or changed later.
  };
  return std::any_of(table.begin(), table.end(), [&](const std::string& known) {
    return error.find(known) != std::string::npos;
  });
}

std::map<std::string, std::string> expected() {
  std::map<std::string, std::string> rows;
  for (std::istringstream in(test::read_file(kExpected)); in.good();) {
    std::string line;
    std::getline(in, line);
    const std::size_t tab = line.find('\t');
    if (tab != std::string::npos && !line.starts_with("file\t")) {
      rows[line.substr(0, tab)] = line.substr(tab + 1);
    }
  }
  return rows;
}

class CorpusWalk : public ::testing::Test {
 protected:
  /// Everything offered, sent, and settled; fates by name of file.
  void walk() {
    node_.start_partner();
    ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
    offered_ = offered_objects(folder_.path() / "copies");
    for (const Offered& one : offered_) {
      fates_[one.name] = send_one(node_, one, folder_.path() / "report.txt");
    }
    ASSERT_TRUE(node_.wait_until_settled(180s)) << node_.verb({"queue", "list"}).output;
    give_up_quarantined(node_);
    ASSERT_TRUE(node_.wait_until_settled(180s)) << node_.verb({"queue", "list"}).output;
    const auto known = fates_of(node_);
    for (const Offered& one : offered_) {
      if (!fates_[one.name].empty()) continue;
      const auto fate = known.find(one.uid);
      ASSERT_NE(fate, known.end()) << one.name << " was acknowledged and is not in the ledger";
      fates_[one.name] = fate->second.word.empty() ? "lost" : fate->second.word;
      new_uids_[one.name] = fate->second.new_uid;
    }
  }
  /// What is the same in the object as it was sent and in the partner's copy, and what may differ.
  void compare(const Offered& one, const Copy& copy) const {
    SCOPED_TRACE(one.name);
    EXPECT_EQ(digest_of_pixels(read_copy(one.path)), digest_of_pixels(copy))
        << "pixel data changed on the way";
    EXPECT_EQ(copy.text({0x0012, 0x0062}), "YES");
    const auto before = errors_of(one.path);
    for (const std::string& error : errors_of(copy.path)) {
      EXPECT_TRUE(before.contains(error) || is_expected_error(error)) << "dciodvfy: " << error;
    }
  }
  [[nodiscard]] std::size_t count(const std::string& fate) const {
    return static_cast<std::size_t>(std::count_if(
        fates_.begin(), fates_.end(), [&](const auto& row) { return row.second == fate; }));
  }

  TemporaryFolder folder_;
  test::Node node_;
  std::vector<Offered> offered_;
  std::map<std::string, std::string> fates_;
  std::map<std::string, std::string> new_uids_;
};

TEST_F(CorpusWalk, EveryObjectEndsAsExpectedWithItsPixelsUntouched) {
  walk();
  if (HasFatalFailure()) return;
  if (std::getenv("VEILROUTE_UPDATE_GOLDEN") != nullptr) {
    std::ofstream out(kExpected);
    out << "file\toutcome\n";
    for (const auto& [name, fate] : fates_) out << name << '\t' << fate << '\n';
  }
  EXPECT_EQ(fates_, expected());
  EXPECT_EQ(count("lost"), 0U);

  const auto copies = read_copies(node_.received_files());
  EXPECT_EQ(copies.size(), count("sent"));
  std::map<std::string, const Copy*> by_uid;
  for (const Copy& copy : copies) by_uid[copy.head.sop_instance.value] = &copy;
  for (const Offered& one : offered_) {
    if (fates_[one.name] != "sent") continue;
    const auto copy = by_uid.find(new_uids_[one.name]);
    if (copy == by_uid.end()) {
      ADD_FAILURE() << one.name << " is sent by the ledger and not with the partner";
    } else {
      compare(one, *copy->second);
    }
  }
  for (const Offered& one : offered_) {
    if (one.uid.size() < 8) continue;
    for (const Copy& copy : copies) {
      EXPECT_EQ(as_text(copy.bytes).find(one.uid), std::string_view::npos)
          << one.name << ": its UID as it came is in a copy";
    }
  }
  expect_accounts_close(node_);
}

}  // namespace
}  // namespace veilroute::walk
