// A person says that a value which verification found is harmless: for this value at this place on
// this route, and for nothing else.
#include "router/accept.h"

#include "tests/router/router_site.h"

namespace veilroute::router {
namespace {

using store::TransferState;

const std::string kModel = "(0008,1090)";

/// Replaces a text by one of the same length, wherever it stands.
void replace(Bytes& bytes, std::string_view old, std::string_view with) {
  std::size_t count = 0;
  for (auto at = bytes.begin();; ++count) {
    at = std::search(at, bytes.end(), old.begin(), old.end());
    if (at == bytes.end()) break;
    at = std::copy(with.begin(), with.end(), at);
  }
  EXPECT_GT(count, 0U) << old;
}

/// The patient has the name of the X-ray machine.
void name_patient_like_the_model(Bytes& bytes) {
  replace(bytes, "PHANTOM^ONE", "TORTUGA^ONE");
  replace(bytes, "PHANTOM MODEL 1", "TORTUGA MODEL 1");
}

class Accept : public ::testing::Test {
 protected:
  Accept() {
    object_ = site_.receive(1, 1, {"er-xray"}, name_patient_like_the_model);
    site_.plan();
    site_.prepare();
    transfer_ = site_.transfers().at(0).id;
  }
  store::Transfer transfer() { return site_.transfers().at(0); }
  AcceptOrder order(const std::string& path = kModel) const {
    return {transfer_, object_, path, "uid:1000", "the maker's own name for it"};
  }
  std::string refusal(const AcceptOrder& wanted) {
    const auto answer = accept_finding(site_.room(), wanted, {});
    return answer.ok() ? "accepted" : answer.error().slug;
  }
  void resume_and_prepare() {
    site_.catalog().resume_quarantined(transfer_, "tester").value();
    site_.prepare();
  }

  RouterSite site_;
  ObjectId object_;
  TransferId transfer_;
};

TEST_F(Accept, LetsExactlyThatValueGo) {
  ASSERT_EQ(transfer().state, TransferState::blocked);
  ASSERT_EQ(transfer().objects.at(0).findings.at(0).rule, "verify.identity-found");
  ASSERT_EQ(transfer().objects.at(0).findings.at(0).path, kModel);
  resume_and_prepare();
  EXPECT_EQ(transfer().state, TransferState::blocked) << "nobody has accepted anything yet";

  ASSERT_TRUE(accept_finding(site_.room(), order(), {}).ok());
  EXPECT_EQ(transfer().state, TransferState::blocked) << "an acceptance sends nothing by itself";
  resume_and_prepare();
  EXPECT_EQ(transfer().state, TransferState::cleared);
  EXPECT_EQ(site_.send().outcome, SendOutcome::sent);
}

TEST_F(Accept, HoldsForTheNextPatientAndForNoOtherValue) {
  ASSERT_TRUE(accept_finding(site_.room(), order(), {}).ok());
  site_.receive(2, 1, {"er-xray"}, [](Bytes& bytes) {
    replace(bytes, "PHANTOM^TWO", "TORTUGA^TWO");
    replace(bytes, "PHANTOM MODEL 1", "TORTUGA MODEL 1");
  });
  site_.receive(3, 1, {"er-xray"}, [](Bytes& bytes) {
    replace(bytes, "PHANTOM^THREE", "TORTUGA^THREE");
    replace(bytes, "PHANTOM MODEL 1", "MODEL TORTUGA 2");
  });
  site_.plan();
  site_.prepare();
  const auto all = site_.transfers();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all.at(1).state, TransferState::cleared);
  EXPECT_EQ(all.at(2).state, TransferState::blocked);
}

TEST_F(Accept, RefusesWhatWasNotFound) {
  EXPECT_EQ(refusal(order("(0008,0070)")), "accept.no-such-finding");
  AcceptOrder other = order();
  other.object = {4711};
  EXPECT_EQ(refusal(other), "accept.no-such-finding");
  other = order();
  other.transfer = {4711};
  EXPECT_EQ(refusal(other), "transfer.unknown");
  ASSERT_TRUE(accept_finding(site_.room(), order(), {}).ok());
  EXPECT_EQ(refusal(order()), "acceptance.exists");
}

TEST(AcceptNever, AWholeNameOrANumber) {
  struct Case {
    const char* model;
    const char* slug;
  };
  for (const Case& each : {Case{"TORTUGA ONE 001", "accept.whole-name"},
                           Case{"TORTUGA MOD0001", "accept.identifier"}}) {
    SCOPED_TRACE(each.model);
    RouterSite site;
    const ObjectId object = site.receive(1, 1, {"er-xray"}, [&each](Bytes& bytes) {
      replace(bytes, "PHANTOM^ONE", "TORTUGA^ONE");
      replace(bytes, "PHANTOM MODEL 1", each.model);
    });
    site.plan();
    site.prepare();
    const store::Transfer held = site.transfers().at(0);
    ASSERT_EQ(held.state, TransferState::blocked);
    const auto answer =
        accept_finding(site.room(), {held.id, object, kModel, "uid:1000", "never looked"}, {});
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error().slug, each.slug);
    EXPECT_EQ(answer.error().text().find("TORTUGA"), std::string::npos);
  }
}

}  // namespace
}  // namespace veilroute::router
