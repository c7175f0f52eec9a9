// The files of the corpus as two senders offer them to one node: dcmsend, and our own, which sends
// what dcmsend cannot. Each sends copies, so that no UID comes twice.
#pragma once

#include <charconv>
#include <set>

#include "tests/support/corpus.h"
#include "tests/support/test_sender.h"
#include "tests/walk/copies.h"

namespace veilroute::walk {

/// One file as one sender offers it.
struct Offer {
  std::string name;  ///< relative to the corpus
  fs::path path;     ///< the copy that is sent
  Bytes bytes;       ///< of the copy
  dicom::FileHead head;
  std::string instance, study;  ///< of the data set as sent
  std::string fate;             ///< so far: "not-offered", "refused:STATUS", or "": acknowledged
  std::string new_uid;          ///< under which it left

  [[nodiscard]] ByteView data() const {
    return ByteView(bytes).subspan(static_cast<std::size_t>(head.dataset_offset));
  }
};

/// Reads what the copy says of itself; false when it is no readable object with UIDs.
inline bool read_offer(Offer& offer) {
  offer.bytes = support::read_whole_file(offer.path);
  MemorySource file(offer.bytes);
  const auto head = dicom::read_file_head(file);
  if (!head.ok()) return false;
  offer.head = *head;
  const auto syntax = dicom::find_transfer_syntax(head->transfer_syntax);
  if (!syntax.ok()) return false;
  const dicom::ScanFacts facts = support::scan(offer.data(), *syntax);
  offer.instance = facts.value(dicom::tags::SOPInstanceUID);
  offer.study = facts.value(dicom::tags::StudyInstanceUID);
  return !head->sop_class.value.empty() && !offer.instance.empty();
}

/// The same UID with another end, of the same length; the same for too short ones.
inline std::string other_end(std::string uid, unsigned number) {
  const std::string digits = std::to_string(1000 + number);
  if (uid.size() < digits.size() + 6) return uid;
  return uid.replace(uid.size() - digits.size(), digits.size(), digits);
}

/// Writes `to` over `from`, wherever it stands in the copy: in the meta information, too.
inline void replace_everywhere(Bytes& bytes, const std::string& from, const std::string& to) {
  if (from.empty() || from == to) return;
  for (auto at = bytes.begin();;) {
    at = std::search(at, bytes.end(), from.begin(), from.end());
    if (at == bytes.end()) return;
    at = std::copy(to.begin(), to.end(), at);
  }
}

inline void write_bytes(const fs::path& path, const Bytes& bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

/// Copies of one sender. Where two files share a SOP Instance UID the later one gets another; with
/// `all_fresh` every object and every study does.
class Copies {
 public:
  Copies(fs::path folder, bool all_fresh) : folder_(std::move(folder)), all_fresh_(all_fresh) {
    fs::create_directories(folder_);
  }
  Offer make(const fs::path& file) {
    Offer offer;
    offer.name = file.lexically_relative(VEILROUTE_CORPUS_DIR).string();
    offer.path = folder_ / (std::to_string(++made_) + ".dcm");
    fs::copy_file(file, offer.path);
    if (!read_offer(offer)) {
      offer.fate = "not-offered";
    } else if (all_fresh_ || seen_.contains(offer.instance)) {
      refresh(offer);
    }
    seen_.insert(offer.instance);
    return offer;
  }

 private:
  void refresh(Offer& offer) {
    const auto syntax = dicom::find_transfer_syntax(offer.head.transfer_syntax);
    // Of a deflated one the UIDs do not stand in the bytes; too short ones have no room.
    const std::string fresh = other_end(offer.instance, made_ + (all_fresh_ ? 0 : 3000));
    if ((syntax.ok() && syntax->deflated) || fresh == offer.instance) {
      const auto changed = test::run({"dcmodify", "-nb", "-gst", "-gin", offer.path.string()});
      EXPECT_EQ(changed.exit_code, 0) << changed.output;
    } else {
      if (all_fresh_) {
        const auto number = studies_.insert({offer.study, studies_.size()}).first->second;
        replace_everywhere(offer.bytes, offer.study,
                           other_end(offer.study, 5000 + static_cast<unsigned>(number)));
      }
      // Read again: an instance's UID may begin with its study's.
      write_bytes(offer.path, offer.bytes);
      EXPECT_TRUE(read_offer(offer)) << offer.name;
      replace_everywhere(offer.bytes, offer.instance,
                         other_end(offer.instance, made_ + (all_fresh_ ? 0 : 3000)));
      write_bytes(offer.path, offer.bytes);
    }
    EXPECT_TRUE(read_offer(offer)) << offer.name;
  }

  fs::path folder_;
  bool all_fresh_;
  unsigned made_ = 0;
  std::set<std::string> seen_;
  std::map<std::string, std::size_t> studies_;
};

/// Every file of the corpus, as copies of one sender.
inline std::vector<Offer> make_offers(const fs::path& folder, bool all_fresh) {
  Copies copies(folder, all_fresh);
  std::vector<Offer> offers;
  for (const fs::path& file : test::files_below(VEILROUTE_CORPUS_DIR)) {
    const auto ending = file.extension();
    if (ending != ".tsv" && ending != ".md") offers.push_back(copies.make(file));
  }
  return offers;
}

/// "not-offered", "refused:STATUS" or "" (acknowledged), by what a sender reports.
inline std::string answer_of(std::uint16_t status) {
  if (status == 0) return {};
  char text[8];
  std::snprintf(text, sizeof text, "%04x", status);
  return std::string("refused:") + text;
}

/// All of them with one dcmsend, which leaves as they are what it can read, and nothing else.
inline void offer_by_dcmsend(const test::Node& node, std::vector<Offer>& offers,
                             const fs::path& folder) {
  const fs::path report = folder.parent_path() / "report.txt";
  test::run({"dcmsend", "-dn", "-nh", "-nuc", "-q", "+sd", "-aet", "DEMO_XRAY", "-aec", "VEILROUTE",
             "+crf", report.string(), "127.0.0.1", std::to_string(node.port()), folder.string()},
            std::chrono::seconds(300));
  std::map<std::string, std::string> answers;
  std::istringstream lines(test::read_file(report));
  std::string file;
  for (std::string line; std::getline(lines, line);) {
    const std::string value = line.substr(std::min<std::size_t>(line.size(), 16));
    if (line.starts_with("Filename")) file = value;
    if (!line.starts_with("DIMSE Status") || !value.starts_with("0x")) continue;
    unsigned status = 0;
    std::from_chars(value.data() + 2, value.data() + value.size(), status, 16);
    answers[file] = answer_of(static_cast<std::uint16_t>(status));
  }
  for (Offer& offer : offers) {
    const auto answer = answers.find(offer.path.string());
    offer.fate = answer == answers.end() ? "not-offered" : answer->second;
  }
}

/// All that have a class and an instance, by our own sender: the data set exactly as it stands in
/// the copy, in its transfer syntax, whatever that is.
inline void offer_by_own_sender(const test::Node& node, std::vector<Offer>& offers) {
  test::SenderOptions options;
  options.port = static_cast<std::uint16_t>(node.port());
  options.calling = "OWN_SENDER";
  std::vector<test::Sendable> objects;
  std::vector<Offer*> sent;
  for (Offer& offer : offers) {
    if (!offer.fate.empty()) continue;
    const ByteView data = offer.data();
    objects.push_back({offer.head.sop_class, Uid{offer.instance}, offer.head.transfer_syntax,
                       Bytes(data.begin(), data.end())});
    sent.push_back(&offer);
  }
  const auto statuses = test::send_objects(options, objects);
  ASSERT_TRUE(statuses.ok()) << statuses.error().text();
  ASSERT_EQ(statuses->size(), sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i]->fate = answer_of((*statuses)[i]);
}

}  // namespace veilroute::walk
