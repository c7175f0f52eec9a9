// One word for one thing: words that CONTRIBUTING.md replaces by better ones do not come back, in
// names or in comments. Each exception has its reason.
#include <gtest/gtest.h>

#include <cctype>

#include "tests/house/sources.h"

namespace veilroute::house {
namespace {

struct Unwanted {
  std::string_view word;    ///< how the word begins, lower case
  std::string_view instead;
  bool whole = false;       ///< the whole word only
};

constexpr Unwanted kUnwanted[] = {
    {"anonymi", "de-identify"},
    {"scrub", "de-identify"},
    {"helper", "the noun or verb it is"},
    {"util", "the noun or verb it is"},
    {"misc", "the noun or verb it is", true},
    {"manager", "the noun or verb it is"},
    {"job", "transfer"},
    {"deliver", "transfer, send"},
    {"withheld", "excluded"},
    {"session", "association"},
    {"whitelist", "allowed"},
    {"blacklist", "refused"},
    {"todo", "do it, or write an issue", true},
    {"fixme", "do it, or write an issue", true},
};

struct Exception {
  std::string_view path;  ///< how the path begins
  std::string_view word;
  const char* reason;
};

constexpr Exception kExceptions[] = {
    {"profiles/common_tokens.cc", "anonymi", "tokens that stand in real headers"},
    {"tests/profiles/", "anonymi", "values that stand in real headers"},
    {"core/dicom/tls.cc", "session", "TLS sessions: RFC 8446's word"},
    {"core/dicom/tls_watch.cc", "session", "TLS sessions: RFC 8446's word"},
    {"router/https_client.cc", "session", "the name of an option of libcurl"},
    {"tests/app/monitor_test.cc", "session", "Poco's name of a client"},
    {"tests/walk/watch_test.cc", "session", "Poco's name of a client"},
    {"tests/house/words_test.cc", "", "the list itself"},
};

/// The words of a line: letters between anything else, CamelCase parted.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words(1);
  char before = ' ';
  for (const char c : line) {
    const bool letter = std::isalpha(static_cast<unsigned char>(c)) != 0;
    const bool upper = std::isupper(static_cast<unsigned char>(c)) != 0;
    const bool was_lower = std::islower(static_cast<unsigned char>(before)) != 0;
    if ((!letter || (upper && was_lower)) && !words.back().empty()) words.emplace_back();
    if (letter) {
      words.back().push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    }
    before = c;
  }
  return words;
}

bool is_excepted(const std::string& path, std::string_view word) {
  return std::any_of(std::begin(kExceptions), std::end(kExceptions), [&](const Exception& one) {
    return path.starts_with(one.path) && (one.word.empty() || one.word == word);
  });
}

const Unwanted* unwanted(const std::string& word) {
  for (const Unwanted& one : kUnwanted) {
    if (one.whole ? word == one.word : word.starts_with(one.word)) return &one;
  }
  return nullptr;
}

TEST(Words, AreTheOnesThatTheHouseUses) {
  for (const SourceFile& file : sources()) {
    for (const std::string& word : words_of(file.path)) {
      const Unwanted* found = unwanted(word);
      EXPECT_TRUE(found == nullptr || is_excepted(file.path, found->word))
          << file.path << ": say " << (found ? found->instead : "") << " in the name of the file";
    }
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      if (file.lines[i].starts_with("#include <")) continue;
      for (const std::string& word : words_of(file.lines[i])) {
        const Unwanted* found = unwanted(word);
        EXPECT_TRUE(found == nullptr || is_excepted(file.path, found->word))
            << file.at(i) << ": `" << word << "`; say " << (found ? found->instead : "");
      }
    }
  }
}

TEST(Words, ArePartedWhereAReaderPartsThem) {
  EXPECT_EQ(words_of("JobHelper do_misc"),
            (std::vector<std::string>{"job", "helper", "do", "misc"}));
  EXPECT_NE(unwanted("utility"), nullptr);
  EXPECT_EQ(unwanted("miscible"), nullptr);
}

/// A machine's own paths, and the place where this was written, are no business of a reader.
TEST(Words, DoNotSpeakOfTheMachineTheyWereWrittenOn) {
  for (const SourceFile& file : sources()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      for (const std::string& path : {std::string("/ho") + "me/", std::string("/wo") + "rk/"}) {
        EXPECT_EQ(file.lines[i].find(path), std::string::npos) << file.at(i);
      }
    }
  }
}

TEST(Words, OpenEveryFileOfTheRoomsWithItsPurpose) {
  for (const SourceFile& file : sources()) {
    if (file.path.starts_with("tests/") || file.lines.empty()) continue;
    // A .cc beside its .h may leave the words to the header.
    const std::string header = file.path.substr(0, file.path.rfind('.')) + ".h";
    const bool said = file.lines.front().starts_with("//") ||
                      (!file.is_header() && std::filesystem::exists(root() / header));
    EXPECT_TRUE(said) << file.path << " does not say what it is for";
  }
}

}  // namespace
}  // namespace veilroute::house
