// Places, kinds, order, and texts that must not end the process.
#include "core/base/toml.h"

#include <gtest/gtest.h>

#include <random>

namespace veilroute::toml {
namespace {

TEST(Toml, RemembersWhereKeysAndValuesStand) {
  const Parsed parsed = parse("[site]\nname = \"ward\"\n\n[[listener]]\n  port = 5\n", "site.toml");
  ASSERT_FALSE(parsed.error);
  const Node* site = parsed.root.find("site");
  ASSERT_NE(site, nullptr);
  EXPECT_EQ(site->find("name")->place.text(), "site.toml:2:8");
  EXPECT_EQ(site->key_places.at("name").text(), "site.toml:2:1");
  const Node* listeners = parsed.root.find("listener");
  ASSERT_EQ(listeners->kind, Kind::array);
  EXPECT_EQ(listeners->items[0].find("port")->place.text(), "site.toml:5:10");
  EXPECT_EQ(listeners->items[0].key_places.at("port").text(), "site.toml:5:3");
  EXPECT_EQ(site->find("absent"), nullptr);
}

TEST(Toml, KeepsTheOrderOfKeys) {
  const Parsed parsed = parse("zebra = 1\napple = 2\nmango = { z = 1, a = 2 }\n", "x");
  ASSERT_FALSE(parsed.error);
  ASSERT_EQ(parsed.root.members.size(), 3U);
  EXPECT_EQ(parsed.root.members[0].key, "zebra");
  EXPECT_EQ(parsed.root.members[1].key, "apple");
  EXPECT_EQ(parsed.root.members[2].value.members[0].key, "z");
}

TEST(Toml, ReadsEveryKind) {
  const Parsed parsed =
      parse("a = 'text'\nb = -7\nc = 1.5\nd = true\ne = 2027-03-31\nf = [1, 'x']\ng = {}\n", "x");
  ASSERT_FALSE(parsed.error);
  EXPECT_EQ(parsed.root.find("a")->string, "text");
  EXPECT_EQ(parsed.root.find("b")->integer, -7);
  EXPECT_EQ(parsed.root.find("c")->real, 1.5);
  EXPECT_TRUE(parsed.root.find("d")->boolean);
  EXPECT_EQ(parsed.root.find("e")->kind, Kind::date);
  EXPECT_EQ(parsed.root.find("e")->string, "2027-03-31");
  EXPECT_EQ(parsed.root.find("f")->items.size(), 2U);
  EXPECT_EQ(parsed.root.find("g")->kind, Kind::table);
}

TEST(Toml, NamesThePlaceOfASyntaxError) {
  const struct {
    const char* text;
    const char* place;
  } cases[] = {
      {"a = 1\na = 2\n", "x:2:5"}, {"a = \n", "x:1:5"},         {"[site\n", "x:1:6"},
      {"a = 'open\n", "x:1:10"},   {"a = 08:15:00\n", "x:1:5"}, {"a = 2027-02-30\n", "x:1:15"},
      {"a = \"\xFF\"\n", "x:1:5"},
  };
  for (const auto& one : cases) {
    const Parsed parsed = parse(one.text, "x");
    ASSERT_TRUE(parsed.error) << one.text;
    EXPECT_EQ(parsed.error->place.text(), one.place) << one.text << parsed.error->what;
    EXPECT_FALSE(parsed.error->what.empty());
  }
}

std::string repeated(const char* part, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += part;
  return text;
}

TEST(Toml, DeepNestingIsAnErrorAndNotTheEndOfTheProcess) {
  const std::string hostile[] = {
      "a = " + repeated("[", 200000),
      "a = " + repeated("{a=", 200000),
      repeated("a.", 200000) + "a = 1",
      "[" + repeated("a.", 200000) + "a]",
      "a = " + repeated("[{a.a.a.a.a.a.a.a.a.a=", 5000),
      "b = 'x.y' # ...\n'c' = \"\\\".\"\na = " + repeated("[", 40) + repeated("]", 40),
  };
  for (const std::string& text : hostile) {
    const Parsed parsed = parse(text, "x");
    ASSERT_TRUE(parsed.error);
    EXPECT_EQ(parsed.error->what, "tables, lists or dotted keys are nested too deeply");
  }
  EXPECT_EQ(parse(hostile[5], "x").error->place.text(), "x:3:37");
}

TEST(Toml, DotsAndBracketsInsideStringsAndCommentsDoNotCount) {
  const std::string dots = repeated(".", 100) + repeated("[", 100);
  const std::string text = "# " + dots + "\na = '" + dots + "'\nb = \"\\\"" + dots +
                           "\"\nc = '''\n" + dots + "'\n'''\nd = \"\"\"\\\"\"\"" + dots +
                           "\n\"\"\"\ne = [" + repeated("1.5, ", 100) + "]\n";
  const Parsed parsed = parse(text, "x");
  EXPECT_FALSE(parsed.error) << parsed.error->place.text() << parsed.error->what;
}

TEST(Toml, RandomTextsNeverDoMoreThanFail) {
  const std::string_view alphabet = "ab.=[]{}\"'\\\n ,#01-:tT\xFF\x01";
  std::mt19937 random(11);
  for (int round = 0; round < 20000; ++round) {
    std::string text(random() % 60, ' ');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    const Parsed parsed = parse(text, "x");
    EXPECT_TRUE(!parsed.error || parsed.error->place.line >= 1);
  }
}

}  // namespace
}  // namespace veilroute::toml
