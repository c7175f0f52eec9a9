// The cases that ship with each profile (profiles/library/*.cases.toml).
#include <gtest/gtest.h>

#include <filesystem>

#include "core/base/files.h"
#include "core/base/toml.h"
#include "tests/profiles/objects.h"

namespace veilroute::profiles {
namespace {

using namespace testing;

std::string filled_in(const std::string& expected, const std::string& given) {
  if (expected == "{pseudonym}") return pseudonyms().pseudonym.reveal();
  if (expected == "{accession}") return pseudonyms().accession.reveal();
  if (expected == "{uid}") return dicom::mapped_uid(secret(), given).value;
  if (expected == "{absent}") return "(absent)";
  return expected;
}

void run_case(const toml::Node& test, const Profile& profile) {
  SCOPED_TRACE(test.find("name")->string);
  const toml::Node* given = test.find("given");
  const toml::Node* expect = test.find("expect");
  ASSERT_TRUE(given != nullptr && expect != nullptr);
  Dataset object = xray();
  for (const auto& [keyword, value] : given->members) {
    const auto* entry = dicom::find_keyword(keyword);
    ASSERT_NE(entry, nullptr) << keyword;
    object.put_text(entry->tag, entry->vr, value.string);
  }
  run(object, profile);
  for (const auto& [keyword, value] : expect->members) {
    const auto* entry = dicom::find_keyword(keyword);
    ASSERT_NE(entry, nullptr) << keyword;
    const toml::Node* before = given->find(keyword);
    EXPECT_EQ(text(object, entry->tag),
              filled_in(value.string, before == nullptr ? "" : before->string))
        << keyword;
  }
}

TEST(Cases, EveryShippedProfilePassesItsOwn) {
  const std::filesystem::path folder = VEILROUTE_SOURCE_DIR "/profiles/library";
  for (const auto& profile : Library::shipped().all()) {
    const auto path = folder / (profile->name.value + ".cases.toml");
    const Result<std::string> text = read_text_file(path);
    ASSERT_TRUE(text.ok()) << path;
    const toml::Parsed parsed = toml::parse(*text, path.string());
    ASSERT_FALSE(parsed.error.has_value()) << parsed.error->what;
    const toml::Node* cases = parsed.root.find("case");
    ASSERT_NE(cases, nullptr);
    for (const toml::Node& test : cases->items) run_case(test, *profile);
  }
}

}  // namespace
}  // namespace veilroute::profiles
