// What a walk test compares: objects as they were sent, and files as the partner holds them, read by
// our own reader.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/control.h"
#include "core/base/crypto.h"
#include "core/dicom/dataset.h"
#include "core/dicom/phantom.h"
#include "tests/support/corpus.h"
#include "tests/support/node.h"

namespace veilroute::walk {

namespace fs = std::filesystem;
using nlohmann::json;

/// A DICOM file, read whole.
struct Copy {
  fs::path path;
  Bytes bytes;
  dicom::FileHead head;
  dicom::Dataset dataset{dicom::TransferSyntax{}};

  [[nodiscard]] std::string text(dicom::Tag tag) const { return dataset.text(tag).reveal(); }
};

inline Copy read_copy(const fs::path& path) {
  Copy copy;
  copy.path = path;
  copy.bytes = support::read_whole_file(path);
  MemorySource file(copy.bytes);
  const auto head = dicom::read_file_head(file);
  EXPECT_TRUE(head.ok()) << path;
  if (!head.ok()) return copy;
  copy.head = *head;
  const auto syntax = dicom::find_transfer_syntax(head->transfer_syntax);
  EXPECT_TRUE(syntax.ok()) << path;
  if (!syntax.ok()) return copy;
  const ByteView data = ByteView(copy.bytes).subspan(static_cast<std::size_t>(head->dataset_offset));
  const dicom::ScanFacts facts = support::scan(data, *syntax);
  MemorySource source(data);
  auto dataset = dicom::read_dataset(source, *syntax, facts.large);
  EXPECT_TRUE(dataset.ok()) << path;
  if (dataset.ok()) copy.dataset = std::move(dataset).value();
  return copy;
}

/// SHA-256 of the value of Pixel Data as it is encoded, zero without one. Trailing fill of the
/// receiving program is no part of it: the element's own length counts.
inline Digest digest_of_pixels(const Copy& copy) {
  const dicom::Element* pixels = copy.dataset.find(dicom::tags::PixelData);
  if (pixels == nullptr) return {};
  if (pixels->holds == dicom::Holds::value) return crypto::sha256(pixels->value);
  const ByteView data =
      ByteView(copy.bytes).subspan(static_cast<std::size_t>(copy.head.dataset_offset));
  const auto length = static_cast<std::size_t>(pixels->range.end - pixels->range.begin);
  return crypto::sha256(data.subspan(static_cast<std::size_t>(pixels->range.begin), length));
}

/// True when something stands beside the picture in compressed pixels: it does not leave, and the
/// fragments are not the same without it.
inline bool is_to_be_stripped(const Copy& copy) {
  const dicom::Element* pixels = copy.dataset.find(dicom::tags::PixelData);
  return pixels != nullptr && pixels->holds == dicom::Holds::range &&
         pixels->range.codestream != dicom::Codestream::clean;
}

/// The same of the samples, as GDCM decodes them.
inline Digest digest_of_samples(const fs::path& file) {
  const TemporaryFolder folder;
  const fs::path decoded = folder.path() / "decoded.dcm";
  const auto done = test::run({"gdcmconv", "--raw", file.string(), decoded.string()});
  EXPECT_EQ(done.exit_code, 0) << done.output;
  return done.exit_code == 0 ? digest_of_pixels(read_copy(decoded)) : Digest{};
}

inline std::vector<Copy> read_copies(const std::vector<fs::path>& paths) {
  std::vector<Copy> copies;
  for (const fs::path& path : paths) copies.push_back(read_copy(path));
  return copies;
}

/// A phantom as a file, and what it holds.
struct Sample {
  fs::path path;
  dicom::Phantom phantom;
};

inline Sample write_phantom(const fs::path& folder, const dicom::PhantomOptions& options) {
  auto made = dicom::make_phantom(options);
  EXPECT_TRUE(made.ok());
  Sample sample;
  if (!made.ok()) return sample;
  sample.phantom = std::move(made).value();
  sample.path = folder / (std::string(dicom::to_string(options.kind)) + "-" +
                          std::to_string(options.number) + "-" + std::to_string(options.instance) +
                          ".dcm");
  fs::create_directories(folder);
  std::ofstream out(sample.path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(sample.phantom.file.data()),
            static_cast<std::streamsize>(sample.phantom.file.size()));
  return sample;
}

inline dicom::PhantomOptions small(dicom::PhantomKind kind, unsigned number, unsigned instance = 1) {
  dicom::PhantomOptions options;
  options.kind = kind;
  options.number = number;
  options.instance = instance;
  options.rows = options.columns = 64;
  return options;
}

inline std::vector<std::string> names_of(const std::vector<Sample>& samples) {
  std::vector<std::string> names;
  for (const Sample& sample : samples) names.push_back(sample.path.string());
  return names;
}

/// The node's answer to a verb over its control socket, null without one: a process for each
/// question takes long where there are hundreds.
class Asking {
 public:
  explicit Asking(const test::Node& node) {
    auto connected = app::ControlClient::connect(node.site() / "state");
    EXPECT_TRUE(connected.ok() && connected->has_value()) << "the node does not run";
    if (connected.ok()) client_ = std::move(connected).value();
  }
  json ask(const std::string& verb, const json& arguments = json::object()) {
    if (!client_) return {};
    auto answer = client_->ask(verb, arguments);
    EXPECT_TRUE(answer.ok()) << verb << ": " << answer.error().text();
    return answer.ok() ? std::move(answer).value() : json();
  }

 private:
  std::optional<app::ControlClient> client_;
};

/// Every study's view, by its number.
inline std::map<std::uint64_t, json> studies_of(const test::Node& node) {
  std::map<std::uint64_t, json> views;
  Asking asking(node);
  for (const auto& row : asking.ask("study.list").value("studies", json::array())) {
    const auto number = row.at("study").get<std::uint64_t>();
    views[number] = asking.ask("study.show", {{"study", number}});
  }
  return views;
}

/// The sum closes for each study and route; the ledger inspects clean; each attempt that ended had
/// begun before.
inline void expect_accounts_close(const test::Node& node) {
  for (const auto& [number, view] : studies_of(node)) {
    for (const auto& sum : view.value("sums", json::array())) {
      EXPECT_TRUE(sum.at("closes").get<bool>()) << view.dump(2);
    }
  }
  const auto inspected = node.verb({"ledger", "inspect"});
  EXPECT_EQ(inspected.exit_code, 0) << inspected.output;
  std::map<std::uint64_t, int> started;
  for (const auto& entry : node.ledger()) {
    const auto transfer = entry.value("transfer", std::uint64_t{0});
    if (entry.at("kind") == "attempt.started") ++started[transfer];
    if (entry.at("kind") == "attempt.finished") {
      EXPECT_GT(started[transfer], 0) << "an attempt that nobody announced: " << entry.dump(2);
    }
  }
}

}  // namespace veilroute::walk
