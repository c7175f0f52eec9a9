// The cases that ship with each profile (profiles/library/*.cases.toml), and how cases are read.
#include "profiles/cases.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/base/files.h"

namespace veilroute::profiles {
namespace {

TEST(Cases, EveryShippedProfilePassesItsOwn) {
  const std::filesystem::path folder = VEILROUTE_SOURCE_DIR "/profiles/library";
  for (const auto& profile : Library::shipped().all()) {
    const auto path = folder / (profile->name.value + ".cases.toml");
    const Result<std::string> text = read_text_file(path);
    ASSERT_TRUE(text.ok()) << path;
    const auto outcomes = run_cases(*profile, *text, path.string());
    ASSERT_TRUE(outcomes.ok()) << outcomes.error().detail;
    EXPECT_GE(outcomes->size(), 5U);
    for (const CaseOutcome& outcome : *outcomes) {
      for (const std::string& failure : outcome.failures) {
        ADD_FAILURE() << outcome.place.text() << ": " << outcome.name << ": " << failure;
      }
    }
  }
}

TEST(Cases, SayWhatFailedAndWhere) {
  const auto& basic = *Library::shipped().find({"basic"});
  const auto outcomes = run_cases(basic,
                                  "[[case]]\nname = \"n\"\ngiven = { PatientSex = \"F\" }\n"
                                  "expect = { PatientSex = \"F\", StudyID = \"{absent}\" }\n",
                                  "x.cases.toml");
  ASSERT_TRUE(outcomes.ok());
  ASSERT_EQ(outcomes->size(), 1U);
  ASSERT_EQ(outcomes->front().failures.size(), 1U);
  EXPECT_EQ(outcomes->front().failures.front(), "PatientSex: expected \"F\", got \"\"");
  EXPECT_EQ(outcomes->front().place.line, 1U);
}

TEST(Cases, AnUnreadableTextNamesItsPlace) {
  const auto& basic = *Library::shipped().find({"basic"});
  for (const char* text : {"", "x =", "[[case]]\nname = \"n\"\n",
                           "[[case]]\nname = \"n\"\ngiven = { Nonsense = \"x\" }\nexpect = {}\n",
                           "[[case]]\nname = \"n\"\ngiven = { PatientSex = 3 }\nexpect = {}\n"}) {
    SCOPED_TRACE(text);
    const auto outcomes = run_cases(basic, text, "x.cases.toml");
    ASSERT_FALSE(outcomes.ok());
    EXPECT_EQ(outcomes.error().slug, "profile.cases");
    EXPECT_TRUE(outcomes.error().detail.starts_with("x.cases.toml:")) << outcomes.error().detail;
  }
}

}  // namespace
}  // namespace veilroute::profiles
