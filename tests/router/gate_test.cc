#include "router/gate.h"

#include <gtest/gtest.h>

#include <functional>

namespace veilroute::router {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::year;

/// Everything a gate looks at, in the form in which it opens.
struct Scene {
  config::Config config;
  profiles::Profile profile;
  store::TransferPlan plan;
  bool with_profile = true;
  TimePoint now = std::chrono::sys_days(year(2026) / 11 / 23) + std::chrono::hours(12);

  Scene() {
    config::Destination destination;
    destination.name = {"bone"};
    destination.address = {"pacs.bone.example", 2762};
    destination.gate = config::Gate{"de-identified", "DUA-2026-014",
                                    year(2027) / month(3) / day(31), "privacy office", {}};
    config.destinations.push_back(destination);
    config::Route route;
    route.name = {"hands"};
    route.destination = {"bone"};
    route.profile = {"basic"};
    route.basis = "de-identified";
    route.consent = {false, "de-identified data"};
    config.routes.push_back(route);
    profile.name = {"basic"};
    profile.bases = {"de-identified", "limited-data-set"};
    profile.version = {"v1"};
    plan.route = {"hands"};
    plan.destination = {"bone"};
    plan.profile = {"basic"};
    plan.profile_version = {"v1"};
    plan.basis = "de-identified";
  }
  config::Destination& destination() { return config.destinations.front(); }
  config::Route& route() { return config.routes.front(); }
  GateAnswer ask() const {
    return ask_gate(plan, with_profile ? &profile : nullptr, config, now);
  }
};

struct GateCase {
  const char* name;
  std::function<void(Scene&)> change;
  const char* slug;  ///< empty: open
};

void use_basis(Scene& s, const std::string& basis) {
  s.plan.basis = basis;
  s.destination().gate->basis = basis;
  s.profile.bases = {basis};
}

const GateCase kCases[] = {
    {"everything in order", [](Scene&) {}, ""},
    {"the route is gone", [](Scene& s) { s.config.routes.clear(); }, "gate.route-unknown"},
    {"the route is disabled", [](Scene& s) { s.route().enabled = false; }, "gate.route-disabled"},
    {"the destination is gone", [](Scene& s) { s.config.destinations.clear(); },
     "gate.destination-unknown"},
    {"plain DICOM to another machine",
     [](Scene& s) { s.destination().protocol = config::Protocol::dicom; }, "gate.not-encrypted"},
    {"plain DICOM to a name that only begins like this machine",
     [](Scene& s) {
       s.destination().protocol = config::Protocol::dicom;
       s.destination().address.host = "127.0.0.1.example";
     },
     "gate.not-encrypted"},
    {"plain DICOM to this very machine",
     [](Scene& s) {
       s.destination().protocol = config::Protocol::dicom;
       s.destination().address.host = "127.0.0.1";
     },
     ""},
    {"no approval", [](Scene& s) { s.destination().gate.reset(); }, "gate.not-approved"},
    {"approved by nobody", [](Scene& s) { s.destination().gate->approved_by.clear(); },
     "gate.not-approved"},
    {"approved without a document", [](Scene& s) { s.destination().gate->document.clear(); },
     "gate.not-approved"},
    {"treatment needs no document",
     [](Scene& s) {
       use_basis(s, "treatment");
       s.destination().gate->document.clear();
     },
     ""},
    {"no day until which it holds", [](Scene& s) { s.destination().gate->valid_until = {}; },
     "gate.no-validity"},
    {"a day that does not exist",
     [](Scene& s) { s.destination().gate->valid_until = year(2027) / month(2) / day(30); },
     "gate.no-validity"},
    {"the last moment of the last day",
     [](Scene& s) {
       s.now = std::chrono::sys_days(year(2027) / 4 / 1) - Duration(1);
     },
     ""},
    {"the first moment after it",
     [](Scene& s) { s.now = std::chrono::sys_days(year(2027) / 4 / 1); }, "gate.expired"},
    {"a basis nobody knows", [](Scene& s) { use_basis(s, "curiosity"); }, "gate.basis-unknown"},
    {"no basis", [](Scene& s) { s.plan.basis.clear(); }, "gate.basis-unknown"},
    {"a basis the destination is not approved for",
     [](Scene& s) { s.plan.basis = "limited-data-set"; }, "gate.basis-not-allowed"},
    {"the pinned profile cannot be opened", [](Scene& s) { s.with_profile = false; },
     "gate.profile-changed"},
    {"a profile of another version", [](Scene& s) { s.profile.version = {"v2"}; },
     "gate.profile-changed"},
    {"a profile that does not name the basis",
     [](Scene& s) { s.profile.bases = {"limited-data-set"}; }, "gate.profile-too-weak"},
    {"a profile without any basis", [](Scene& s) { s.profile.bases.clear(); },
     "gate.profile-too-weak"},
    {"a profile that says it suits but does not de-identify",
     [](Scene& s) { s.profile.deidentifies = false; }, "gate.profile-too-weak"},
    {"identified treatment with a profile for it",
     [](Scene& s) {
       use_basis(s, "treatment");
       s.profile.deidentifies = false;
     },
     ""},
    {"consent is required", [](Scene& s) { s.route().consent = {true, "research"}; },
     "gate.consent-missing"},
    {"an authorization is a consent, whatever the route says",
     [](Scene& s) { use_basis(s, "authorization"); }, "gate.consent-missing"},
    {"no consent and no reason why", [](Scene& s) { s.route().consent = {false, ""}; },
     "gate.consent-unexplained"},
    {"pixels are trusted as the route says",
     [](Scene& s) { s.plan.pixel_trust = s.route().pixel_trust = "QA-7"; }, ""},
    {"the route trusts pixels, the plan does not", [](Scene& s) { s.route().pixel_trust = "QA-7"; },
     ""},
    {"trust in pixels was taken back", [](Scene& s) { s.plan.pixel_trust = "QA-7"; },
     "gate.pixel-trust-ended"},
    {"trust in pixels has another document",
     [](Scene& s) {
       s.plan.pixel_trust = "QA-7";
       s.route().pixel_trust = "QA-8";
     },
     "gate.pixel-trust-ended"},
    {"a waiver", [](Scene& s) { use_basis(s, "waiver"); }, ""},
    {"a business associate", [](Scene& s) { use_basis(s, "baa"); }, ""},
};

TEST(Gate, IsOpenOrShutAsTheTableSays) {
  for (const GateCase& c : kCases) {
    Scene scene;
    c.change(scene);
    const GateAnswer answer = scene.ask();
    EXPECT_EQ(answer.slug, c.slug) << c.name;
    EXPECT_EQ(answer.open, std::string_view(c.slug).empty()) << c.name;
    if (answer.open) continue;
    // A person reads what is wrong and what to do; and only such slugs are asked again.
    EXPECT_FALSE(answer.sentence.empty()) << c.name;
    EXPECT_FALSE(answer.remedy.empty()) << c.name;
    EXPECT_TRUE(answer.slug.starts_with(kGateSlugPrefix)) << c.name;
    EXPECT_TRUE(answer.document.empty()) << c.name;
  }
}

TEST(Gate, NamesTheDocumentThatOpensIt) { EXPECT_EQ(Scene().ask().document, "DUA-2026-014"); }

}  // namespace
}  // namespace veilroute::router
