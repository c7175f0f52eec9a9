#include "router/match.h"

#include <gtest/gtest.h>

#include "router/explain.h"

namespace veilroute::router {
namespace {

using dicom::Tag;

constexpr Tag kModality{0x0008, 0x0060}, kBodyPart{0x0018, 0x0015}, kClass{0x0008, 0x0016};

constexpr const char* kDx = "1.2.840.10008.5.1.4.1.1.1.1";
constexpr const char* kReport = "1.2.840.10008.5.1.4.1.1.88.22";

config::Condition condition(const std::string& text) {
  if (text.empty()) return {};
  auto parsed = config::Condition::parse(text, {"site.toml", 1, 1});
  EXPECT_TRUE(parsed.ok()) << text;
  return parsed.ok() ? std::move(parsed).value() : config::Condition();
}

config::Route route(const std::string& name, const std::string& when,
                    const std::string& include = {}) {
  config::Route made;
  made.name = {name};
  made.when = condition(when);
  made.include = condition(include);
  made.destination = {"bone"};
  made.profile = {"basic"};
  made.basis = "de-identified";
  made.consent = {false, "de-identified data"};
  return made;
}

store::SpooledObject object(std::uint64_t id, const std::string& modality,
                            const std::string& body_part, const std::string& sop_class = kDx) {
  store::SpooledObject made;
  made.head.id = {id};
  made.head.source = {"er-xray"};
  made.head.sop_class = {sop_class};
  made.facts.match_facts.push_back({kClass, Phi<std::string>(sop_class)});
  if (!modality.empty()) made.facts.match_facts.push_back({kModality, Phi<std::string>(modality)});
  if (!body_part.empty()) {
    made.facts.match_facts.push_back({kBodyPart, Phi<std::string>(body_part)});
  }
  return made;
}

/// What was not noted is not in the header either.
Result<dicom::Dataset> empty_header(const store::SpooledObject&) {
  return dicom::Dataset(dicom::TransferSyntax{});
}

struct MatchCase {
  const char* name;
  const char* when;
  const char* include;
  bool matches;
  std::vector<std::uint64_t> in;
  std::vector<std::uint64_t> out;
};

// 1: DX HAND · 2: DX without body part · 3: a structured report, modality SR
const MatchCase kCases[] = {
    {"no condition takes everything", "", "", true, {1, 2, 3}, {}},
    {"one object that satisfies takes the study", "BodyPartExamined = \"HAND\"", "", true,
     {1, 2, 3}, {}},
    {"two objects that satisfy half each do not", "Modality = \"SR\" and BodyPartExamined = \"HAND\"",
     "", false, {}, {}},
    {"a comparison with an absent attribute is false", "BodyPartExamined != \"HAND\"", "", false,
     {}, {}},
    {"not of it is true", "not (BodyPartExamined = \"HAND\") and Modality = \"DX\"", "", true,
     {1, 2, 3}, {}},
    {"present tells absent", "not (BodyPartExamined present)", "", true, {1, 2, 3}, {}},
    {"another source", "source = \"mri\"", "", false, {}, {}},
    {"include leaves out by class", "source = \"er-xray\"",
     "not (SOPClassUID in group \"structured-report\")", true, {1, 2}, {3}},
    {"include with an absent attribute leaves out", "Modality = \"DX\"",
     "BodyPartExamined = \"HAND\"", true, {1}, {2, 3}},
    {"include may leave out all", "Modality = \"DX\"", "Modality = \"MR\"", true, {}, {1, 2, 3}},
};

TEST(Match, IsAsTheTableSays) {
  const auto one = object(1, "DX", "HAND");
  const auto two = object(2, "DX", "");
  const auto three = object(3, "SR", "", kReport);
  for (const MatchCase& c : kCases) {
    const auto matches = match_routes({&one, &two, &three}, {route("r", c.when, c.include)},
                                      empty_header);
    ASSERT_TRUE(matches.ok()) << c.name;
    ASSERT_EQ(matches->size(), c.matches ? 1U : 0U) << c.name;
    if (!c.matches) continue;
    std::vector<std::uint64_t> in;
    std::vector<std::uint64_t> out;
    for (const ObjectChoice& choice : matches->front().objects) {
      (choice.included ? in : out).push_back(choice.object.value);
      EXPECT_EQ(choice.rule, choice.included ? "" : "r.include") << c.name;
    }
    EXPECT_EQ(in, c.in) << c.name;
    EXPECT_EQ(out, c.out) << c.name;
    EXPECT_EQ(matches->front().included(), c.in.size()) << c.name;
  }
}

TEST(Match, TakesEveryRouteThatHoldsInTheOrderOfTheConfiguration) {
  const auto one = object(1, "DX", "HAND");
  const auto matches = match_routes(
      {&one}, {route("b", "Modality = \"DX\""), route("no", "Modality = \"CT\""), route("a", "")},
      empty_header);
  ASSERT_TRUE(matches.ok());
  ASSERT_EQ(matches->size(), 2U);
  EXPECT_EQ((*matches)[0].route.value, "b");
  EXPECT_EQ((*matches)[1].route.value, "a");
}

TEST(Match, PassesOverADisabledRoute) {
  const auto one = object(1, "DX", "HAND");
  auto routes = std::vector<config::Route>{route("off", ""), route("on", "")};
  routes[0].enabled = false;
  const auto matches = match_routes({&one}, routes, empty_header);
  ASSERT_TRUE(matches.ok());
  ASSERT_EQ(matches->size(), 1U);
  EXPECT_EQ(matches->front().route.value, "on");
}

TEST(Match, GivesNoAnswerWhenAHeaderCannotBeRead) {
  const auto one = object(1, "DX", "");
  const ReadHeader broken = [](const store::SpooledObject&) -> Result<dicom::Dataset> {
    return make_error(ErrorKind::corrupt, "spool.bad-seal", "");
  };
  // Without the body part it cannot be told whether "not" holds: silence must not become a yes.
  const auto matches =
      match_routes({&one}, {route("r", "not (BodyPartExamined = \"HAND\")")}, broken);
  ASSERT_FALSE(matches.ok());
  EXPECT_EQ(matches.error().kind, ErrorKind::corrupt);
  EXPECT_FALSE(choose_objects({&one}, route("r", "", "BodyPartExamined = \"HAND\""), broken).ok());
}

TEST(Match, PlansLiveObjectsOfLaterGenerationsOnly) {
  store::Study study;
  study.objects = {object(1, "DX", ""), object(2, "DX", ""), object(3, "DX", ""),
                   object(4, "DX", "")};
  study.objects[1].state = store::ObjectState::superseded;
  study.objects[2].generation = 2;
  study.objects[3].generation = 2;
  study.objects[3].state = store::ObjectState::unusable;
  const auto ids = [&](std::uint32_t planned) {
    std::vector<std::uint64_t> all;
    for (const auto* each : objects_to_plan(study, planned)) all.push_back(each->head.id.value);
    return all;
  };
  EXPECT_EQ(ids(0), (std::vector<std::uint64_t>{1, 3}));
  EXPECT_EQ(ids(1), (std::vector<std::uint64_t>{3}));
  EXPECT_EQ(ids(2), (std::vector<std::uint64_t>{}));
}

config::Config site_of(std::vector<config::Route> routes) {
  config::Config site;
  site.routes = std::move(routes);
  config::Destination bone;
  bone.name = {"bone"};
  bone.scope = {"destination:bone"};
  bone.gate = config::Gate{"de-identified", "DUA-1",
                           std::chrono::year(2030) / std::chrono::month(1) / std::chrono::day(1),
                           "privacy office", {}};
  site.destinations.push_back(std::move(bone));
  return site;
}

constexpr TimePoint kNow = TimePoint(std::chrono::seconds(1'800'000'000));

TEST(Explain, ShowsTheNearestObjectAndNeverAValue) {
  store::Study study;
  study.key = {17};
  study.state = store::StudyState::complete;
  study.objects = {object(1, "SR", "", kReport), object(2, "DX", "CANARYPART")};
  const auto site = site_of({route("hands", "Modality = \"DX\" and BodyPartExamined = \"HAND\"")});
  const std::vector<store::Transfer> none;
  const ReadHeader read = empty_header;
  const auto explained =
      explain({study, none, site, profiles::Library::shipped(), read, kNow});
  ASSERT_TRUE(explained.ok());
  ASSERT_EQ(explained->routes.size(), 1U);
  const ExplainedRoute& hands = explained->routes.front();
  EXPECT_FALSE(hands.matches);
  EXPECT_EQ(hands.shown_by, ObjectId{2});
  ASSERT_EQ(hands.when.size(), 2U);
  EXPECT_TRUE(hands.when[0].holds);
  EXPECT_FALSE(hands.when[1].holds);
  EXPECT_TRUE(hands.gate.open) << hands.gate.slug;
  for (const std::string& line : in_sentences(*explained)) {
    EXPECT_EQ(line.find("CANARYPART"), std::string::npos) << line;
  }
}

TEST(Explain, SaysThatADisabledRouteTakesNothing) {
  store::Study study;
  study.key = {17};
  study.objects = {object(1, "DX", "HAND")};
  auto site = site_of({route("hands", "Modality = \"DX\"")});
  site.routes.front().enabled = false;
  const std::vector<store::Transfer> none;
  const ReadHeader read = empty_header;
  const auto explained = explain({study, none, site, profiles::Library::shipped(), read, kNow});
  ASSERT_TRUE(explained.ok());
  EXPECT_FALSE(explained->routes.front().matches);
  EXPECT_EQ(explained->routes.front().next, "Nothing goes this way: the route is disabled.");
}

TEST(Explain, NamesTheRuleThatLeavesOutAndTheShutGate) {
  store::Study study;
  study.key = {17};
  study.state = store::StudyState::complete;
  study.objects = {object(1, "DX", "HAND"), object(2, "SR", "", kReport)};
  auto site = site_of({route("hands", "Modality = \"DX\"", "Modality = \"DX\"")});
  site.destinations.front().gate.reset();
  const std::vector<store::Transfer> none;
  const ReadHeader read = empty_header;
  const auto explained =
      explain({study, none, site, profiles::Library::shipped(), read, kNow});
  ASSERT_TRUE(explained.ok());
  const ExplainedRoute& hands = explained->routes.front();
  EXPECT_TRUE(hands.matches);
  EXPECT_EQ(hands.objects, (std::vector<ObjectChoice>{{{1}, true, ""}, {{2}, false, "hands.include"}}));
  EXPECT_EQ(hands.gate.slug, "gate.not-approved");
  EXPECT_NE(hands.next.find("would wait"), std::string::npos) << hands.next;
  std::string all;
  for (const std::string& line : in_sentences(*explained)) all += line + "\n";
  EXPECT_NE(all.find("hands.include"), std::string::npos) << all;
  EXPECT_NE(all.find("gate.not-approved"), std::string::npos) << all;
}

}  // namespace
}  // namespace veilroute::router
