// Copies that `deidentify` made, as its tests look at them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "app/object_file.h"
#include "app/operations/deidentify.h"
#include "app/operations/phantom.h"
#include "app/operations/run_pseudonyms.h"
#include "tests/support/node.h"

namespace veilroute::app::testing {

namespace fs = std::filesystem;

inline Secret secret(std::uint8_t byte = 7) { return Secret(Bytes(32, byte)); }

inline PseudonymsFor rows(std::uint8_t byte = 7) {
  const auto run = std::make_shared<RunPseudonyms>(secret(byte));
  return [run](const std::vector<store::PseudonymSubject>& subjects) {
    std::vector<store::PseudonymRow> all;
    for (const auto& subject : subjects) all.push_back(run->row(subject));
    return Result<std::vector<store::PseudonymRow>>(std::move(all));
  };
}

inline DeidentifyWanted wanted(std::vector<fs::path> paths, fs::path out) {
  DeidentifyWanted run;
  run.profile = profiles::Library::shipped().find({"basic"});
  run.paths = std::move(paths);
  run.out = std::move(out);
  return run;
}

/// What a run came to: its tally, and each outcome by the name of its source.
struct Done {
  Result<DeidentifyTally> tally = DeidentifyTally{};
  std::map<std::string, FileOutcome> outcomes;

  [[nodiscard]] std::string rule(const std::string& name) const {
    const auto found = outcomes.find(name);
    if (found == outcomes.end()) return "not told";
    if (found->second.kind == FileOutcome::Kind::written) return "written";
    return found->second.findings.front().rule;
  }
  [[nodiscard]] FileOutcome::Kind kind(const std::string& name) const {
    return outcomes.at(name).kind;
  }
  [[nodiscard]] fs::path output(const std::string& name) const { return outcomes.at(name).output; }
};

inline Done run(
    const DeidentifyWanted& what, const PseudonymsFor& pseudonyms = rows(),
    const TellProgress& scanned = [](std::size_t, std::size_t) {}) {
  Done out;
  const DeidentifyWatch watch{[&out](const FileOutcome& outcome) {
                                const std::string name = outcome.source.filename().string();
                                EXPECT_TRUE(out.outcomes.emplace(name, outcome).second)
                                    << name << " was told twice";
                              },
                              scanned, [](std::size_t, std::size_t) {}};
  out.tally = deidentify_files(what, pseudonyms, watch);
  return out;
}

/// Phantoms in `folder`; the files in order.
inline std::vector<fs::path> phantoms(const fs::path& folder, PhantomsWanted what = {}) {
  what.out = folder;
  if (what.rows == 0) what.rows = what.columns = 32;
  const auto made = write_phantoms(what);
  EXPECT_TRUE(made.ok());
  std::vector<fs::path> files;
  for (const auto& each : *made) files.push_back(each.file);
  return files;
}

inline ObjectFile scanned(const fs::path& file) {
  auto object = scan_object_file(
      file, {dicom::tags::PatientName, dicom::Tag{0x0008, 0x0050}, dicom::Tag{0x0020, 0x000E}});
  EXPECT_TRUE(object.ok()) << file << (object.ok() ? "" : object.error().text());
  return std::move(object).value();
}

/// The bytes of Pixel Data as they stand in the file; empty when it has none.
inline std::string pixels(const fs::path& file) {
  const ObjectFile object = scanned(file);
  const std::string bytes = test::read_file(file);
  for (const auto& large : object.facts.large) {
    if (large.tag != dicom::tags::PixelData) continue;
    return bytes.substr(static_cast<std::size_t>(object.head.dataset_offset + large.begin),
                        static_cast<std::size_t>(large.end - large.begin));
  }
  return {};
}

/// Replaces a text in a file by one of the same length.
inline void overwrite(const fs::path& file, const std::string& old, const std::string& with) {
  ASSERT_EQ(old.size(), with.size());
  std::string bytes = test::read_file(file);
  std::size_t count = 0;
  for (std::size_t at = bytes.find(old); at != std::string::npos; at = bytes.find(old, at + 1)) {
    bytes.replace(at, old.size(), with);
    ++count;
  }
  ASSERT_GT(count, 0U) << old << " is not in " << file;
  std::ofstream(file, std::ios::binary) << bytes;
}

/// A folder of sources and one of copies.
class DeidentifyRoom : public ::testing::Test {
 protected:
  [[nodiscard]] fs::path in() const { return folder_.path() / "in"; }
  [[nodiscard]] fs::path out() const { return folder_.path() / "out"; }
  [[nodiscard]] DeidentifyWanted all() const { return wanted({in()}, out()); }
  [[nodiscard]] std::vector<fs::path> copies() const { return test::files_below(out()); }
  TemporaryFolder folder_;
};

}  // namespace veilroute::app::testing
