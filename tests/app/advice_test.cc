// Advice: every slug that reaches a person has its five parts, and none of them is of no use.
#include "app/advice.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

namespace veilroute::app {
namespace {

namespace fs = std::filesystem;

/// Families whose slugs are kept with a study, an object or a transfer, or end a connection.
constexpr const char* kFamilies =
    R"re("((?:dataset|transfer-syntax|object|study|gate|deid|pixels|verify|sender|http|network|tls|)re"
    R"re(association|commitment|attempts|attempt|peer|outbox|prepare|spool|withdrawn|keys|key|site|retention|acceptance)\.[a-z0-9-]+)")re";

/// Words of these families that are no reasons: events of the log, verbs, names of files, answers
/// to an operator that say all in their own words, and faults that never leave the program.
const std::set<std::string> kNoReasons = {
    // events of the log and kinds of ledger entries
    "association.opened",
    "association.closed",
    "site.salvaged",
    "commitment.given-up",
    "commitment.not-judged",
    "commitment.not-written",
    "commitment.refused",
    "commitment.report-deferred",
    "commitment.reported",
    "commitment.requested",
    "commitment.round-failed",
    "attempt.started",
    "attempt.finished",
    "attempt.confirmed",
    "attempt.not-finished",
    "object.answered",
    "object.arriving",
    "object.deidentified",
    "object.refused",
    "object.spooled",
    "object.verified",
    "prepare.failed",
    "prepare.postponed",
    "retention.journal-in-use",
    "retention.round",
    "spool.not-released",
    "spool.segment-closed",
    "study.completed",
    "study.held",
    "study.resumed",
    // verbs and files
    "study.list",
    "study.shred",
    "study.show",
    "study.replan",
    "site.toml",
    "site.keys",
    // answers to an operator
    "acceptance.exists",
    "acceptance.unknown",
    "verify.cannot-pair",
    "verify.map-unreadable",
    "verify.no-files",
    "attempt.not-running",
    "commitment.list",
    "commitment.unknown",
    "object.not-quarantined",
    "object.unknown",
    "study.moved-on",
    "study.not-held",
    "study.unknown",
    // faults of the program, which end a verb of the catalog
    "attempt.stray-object",
    "study.hold-without-reason",
    "study.no-such-move",
    // problems of the configuration, each with its place
    "gate.expires-soon",
    "gate.missing",
    "gate.missing-approver",
    "gate.missing-document",
};

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// Slug → a file that names it.
std::map<std::string, std::string> slugs_of_sources() {
  std::map<std::string, std::string> found;
  const std::regex pattern(kFamilies);
  const fs::path root = VEILROUTE_SOURCE_DIR;
  for (const char* room : {"core", "profiles", "router", "scp", "app"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / room)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("advice")) continue;
      if (!name.ends_with(".cc") && !name.ends_with(".h")) continue;
      const std::string text = read(entry.path());
      for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) {
        found.emplace((*at)[1].str(), entry.path().lexically_relative(root).string());
      }
    }
  }
  return found;
}

std::vector<std::string> sentences_of(std::string_view part) {
  std::vector<std::string> out;
  std::string now;
  for (std::size_t i = 0; i < part.size(); ++i) {
    now += part[i];
    const bool ends = part[i] == '.' && (i + 1 == part.size() || part[i + 1] == ' ');
    if (!ends) continue;
    out.push_back(now);
    now.clear();
  }
  if (!now.empty()) out.push_back(now);
  return out;
}

std::vector<std::string_view> parts_of(const Advice& advice) {
  return {advice.what, advice.whose, advice.next, advice.action};
}

TEST(Advice, ExistsForEverySlugThatReachesAPerson) {
  const auto found = slugs_of_sources();
  ASSERT_GT(found.size(), 150U) << "the search finds too little to mean anything";
  for (const auto& [slug, file] : found) {
    if (kNoReasons.contains(slug)) continue;
    EXPECT_NE(find_advice(slug), nullptr) << slug << " of " << file << " has no advice";
  }
}

TEST(Advice, ExistsForReasonsThatAreNoSlugsOfAFamily) {
  for (const char* slug : {"quarantine", "internal", "transfer.all-excluded", "destination.paused",
                           "route.withdrawn-before", "object.missing"}) {
    EXPECT_NE(find_advice(slug), nullptr) << slug;
  }
}

TEST(Advice, IsThereOnceForEachSlug) {
  std::set<std::string_view> seen;
  for (const Advice& advice : all_advice()) {
    EXPECT_TRUE(seen.insert(advice.slug).second) << advice.slug << " has two";
  }
}

TEST(Advice, IsNotKeptForSlugsThatNothingGives) {
  std::string sources;
  for (const char* room : {"core", "profiles", "router", "scp", "app"}) {
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(VEILROUTE_SOURCE_DIR) / room)) {
      const std::string name = entry.path().filename().string();
      if (entry.is_regular_file() && !name.starts_with("advice")) sources += read(entry.path());
    }
  }
  for (const Advice& advice : all_advice()) {
    // router/findings.cc puts these together from the states of objects.
    if (advice.slug == "object.missing") continue;
    EXPECT_NE(sources.find('"' + std::string(advice.slug) + '"'), std::string::npos) << advice.slug;
  }
}

TEST(Advice, HasNoEmptyPartAndEndsItsSentences) {
  for (const Advice& advice : all_advice()) {
    for (const std::string_view part : parts_of(advice)) {
      ASSERT_GT(part.size(), 8U) << advice.slug;
      EXPECT_TRUE(part.ends_with('.')) << advice.slug << ": " << part;
      EXPECT_TRUE(part.front() >= 'A' && part.front() <= 'Z') << advice.slug << ": " << part;
      EXPECT_EQ(part.find("  "), std::string_view::npos) << advice.slug << ": " << part;
      EXPECT_EQ(part.find('\n'), std::string_view::npos) << advice.slug << ": " << part;
    }
  }
}

TEST(Advice, HasSentencesThatCanBeReadOnABadDay) {
  constexpr std::size_t kLongestSentence = 170;
  for (const Advice& advice : all_advice()) {
    for (const std::string_view part : parts_of(advice)) {
      for (const std::string& sentence : sentences_of(part)) {
        EXPECT_LE(sentence.size(), kLongestSentence) << advice.slug << ": " << sentence;
      }
    }
  }
}

TEST(Advice, NeverHidesBehindACodeOrSaysThatAnErrorOccurred) {
  const std::regex naked(R"(\b(error|code|status|reason|failure)\s*[:#=]?\s*(0x)?[0-9A-F]{1,8}\b)",
                         std::regex::icase);
  const std::regex hollow(
      R"(error occurred|an error|unknown error|something went wrong|unexpected|)"
      R"(invalid (input|argument)|please|contact (your|the) administrator)",
      std::regex::icase);
  for (const Advice& advice : all_advice()) {
    for (const std::string_view part : parts_of(advice)) {
      const std::string text(part);
      EXPECT_FALSE(std::regex_search(text, naked)) << advice.slug << ": " << text;
      EXPECT_FALSE(std::regex_search(text, hollow)) << advice.slug << ": " << text;
    }
  }
}

TEST(Advice, NamesOnlyVerbsThatExist) {
  const std::set<std::string> verbs = {"check",
                                       "serve",
                                       "init",
                                       "echo",
                                       "explain",
                                       "deidentify",
                                       "study show",
                                       "commitment list",
                                       "study replan",
                                       "study shred",
                                       "spool salvage",
                                       "queue list",
                                       "queue retry",
                                       "queue withdraw",
                                       "queue resume",
                                       "destination list",
                                       "destination resume",
                                       "quarantine accepted",
                                       "quarantine list",
                                       "study list",
                                       "quarantine show",
                                       "quarantine resume",
                                       "quarantine withdraw",
                                       "ledger show",
                                       "profile list"};
  const std::regex quoted("`(veilroute )?([a-z]+( [a-z]+)?)[^`]*`");
  for (const Advice& advice : all_advice()) {
    const std::string text(advice.action);
    for (std::sregex_iterator at(text.begin(), text.end(), quoted), end; at != end; ++at) {
      const std::string words = (*at)[2].str();
      const std::string first = words.substr(0, words.find(' '));
      const bool is_verb = (*at)[1].matched || first == "queue" || first == "quarantine" ||
                           first == "ledger" || first == "study" || first == "explain";
      if (!is_verb) continue;
      EXPECT_TRUE(verbs.contains(words) || verbs.contains(first)) << advice.slug << ": " << words;
    }
  }
}

TEST(Advice, RendersItsFivePartsWithTheOccasion) {
  for (const Advice& advice : all_advice()) {
    const std::string text = sentences(
        advice.slug, {"transfer 12 of study 8821 to bone-specialist", "2026-11-23T08:15:00.000Z"});
    for (const std::string_view part : parts_of(advice)) {
      EXPECT_NE(text.find(part), std::string::npos) << advice.slug;
    }
    EXPECT_NE(text.find("transfer 12 of study 8821 to bone-specialist"), std::string::npos);
    EXPECT_NE(text.find("2026-11-23T08:15"), std::string::npos);
    const bool dotted = advice.slug.find('.') != std::string_view::npos;
    EXPECT_FALSE(dotted && text.find(advice.slug) != std::string::npos) << "a slug is for machines";
  }
}

TEST(Advice, LeavesOutWhatTheOccasionDoesNotSay) {
  const std::string text = sentences("tls.wrong-host", Occasion{});
  EXPECT_EQ(text.find("Concerns"), std::string::npos);
  EXPECT_EQ(text.find("Next try"), std::string::npos);
}

TEST(Advice, OfAFailureAlsoSaysItsDetail) {
  const auto error =
      make_error(ErrorKind::unavailable, "network.unreachable", "port 2762: refused");
  const std::string text = sentences(error, Occasion{"destination bone-specialist", ""});
  EXPECT_NE(text.find("port 2762: refused"), std::string::npos);
  EXPECT_NE(text.find("destination bone-specialist"), std::string::npos);
}

TEST(Advice, IsNotNeededForAFailureThatSaysAllItself) {
  const auto error = make_error(ErrorKind::invalid, "argument.missing", "name a study");
  EXPECT_EQ(sentences(error, Occasion{}), "name a study [argument.missing]");
}

}  // namespace
}  // namespace veilroute::app
