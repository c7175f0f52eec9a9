#include "scp/admission.h"

#include <gtest/gtest.h>

namespace veilroute::scp {
namespace {

const std::string kCt = "1.2.840.10008.5.1.4.1.1.2";
const std::string kImplicit = "1.2.840.10008.1.2";
const std::string kExplicit = "1.2.840.10008.1.2.1";
const std::string kBigEndian = "1.2.840.10008.1.2.2";
const std::string kDeflated = "1.2.840.10008.1.2.1.99";
const std::string kJpegLossless = "1.2.840.10008.1.2.4.70";
const std::string kHtj2k = "1.2.840.10008.1.2.4.201";
const std::string kPin(64, 'a');

config::Config sample_config() {
  config::Config config;
  config.site.ae_title = AeTitle{"VEILROUTE"};
  const auto add = [&](const char* name, const char* ae) -> config::Source& {
    config::Source& source = config.sources.emplace_back();
    source.name = SourceName{name};
    source.ae_title = AeTitle{ae};
    return source;
  };
  add("anywhere", "ANY");
  add("er", "ER_CR1").addresses = {"10.20.0.0/16", "2001:db8::/32"};
  add("pinned", "PINNED").cert_sha256 = std::string(64, 'A');
  add("by-door", "DOOR").listener = "partners";
  add("special", "SPECIAL").called_ae = "ARCHIVE";
  add("twin-one", "TWIN").addresses = {"10.1.0.1"};
  add("twin-two", "TWIN").addresses = {"10.1.0.2"};
  return config;
}

dicom::AssociateRequest request_from(const char* calling, const char* called = "VEILROUTE") {
  dicom::AssociateRequest request;
  request.calling = AeTitle{calling};
  request.called = AeTitle{called};
  request.contexts = {{1, Uid{kCt}, {Uid{kExplicit}}}};
  return request;
}

TEST(Admission, KnowsASourceByAllThatIsConfigured) {
  struct Case {
    const char* what;
    const char* calling;
    const char* called;
    const char* address;
    std::string pin;
    const char* listener;
    const char* outcome;  ///< the source's name or the slug
  };
  const Case cases[] = {
      {"no such AE title", "NOBODY", "VEILROUTE", "10.20.1.1", "", "ward",
       "association.unknown-source"},
      {"no AE title", "", "VEILROUTE", "10.20.1.1", "", "ward", "association.unknown-source"},
      {"AE titles are case-sensitive", "any", "VEILROUTE", "1.1.1.1", "", "ward",
       "association.unknown-source"},
      {"an address outside", "ER_CR1", "VEILROUTE", "10.21.1.1", "", "ward",
       "association.unknown-source"},
      {"no address", "ER_CR1", "VEILROUTE", "", "", "ward", "association.unknown-source"},
      {"a wrong certificate", "PINNED", "VEILROUTE", "1.1.1.1", std::string(64, 'b'), "ward",
       "association.unknown-source"},
      {"no certificate", "PINNED", "VEILROUTE", "1.1.1.1", "", "ward",
       "association.unknown-source"},
      {"another listener", "DOOR", "VEILROUTE", "1.1.1.1", "", "ward",
       "association.unknown-source"},
      {"a wrong called AE title", "ANY", "ARCHIVE", "1.1.1.1", "", "ward",
       "association.wrong-called-ae"},
      {"the site's title where another is asked", "SPECIAL", "VEILROUTE", "1.1.1.1", "", "ward",
       "association.wrong-called-ae"},
      {"any address", "ANY", "VEILROUTE", "1.1.1.1", "", "ward", "anywhere"},
      {"an address inside", "ER_CR1", "VEILROUTE", "10.20.255.1", "", "ward", "er"},
      {"an IPv6 address inside", "ER_CR1", "VEILROUTE", "2001:db8:1::5", "", "ward", "er"},
      {"the pinned certificate", "PINNED", "VEILROUTE", "1.1.1.1", kPin, "ward", "pinned"},
      {"its listener", "DOOR", "VEILROUTE", "1.1.1.1", "", "partners", "by-door"},
      {"its own called AE title", "SPECIAL", "ARCHIVE", "1.1.1.1", "", "ward", "special"},
      {"the second of two with one AE title", "TWIN", "VEILROUTE", "10.1.0.2", "", "ward",
       "twin-two"},
  };
  const config::Config config = sample_config();
  for (const Case& one : cases) {
    config::Listener listener;
    listener.name = ListenerName{one.listener};
    const auto verdict = admit(config, listener, {one.address, one.pin},
                               request_from(one.calling, one.called));
    const auto* admitted = std::get_if<Admitted>(&verdict);
    const std::string outcome =
        admitted ? admitted->source->name.value : std::get<Refused>(verdict).slug;
    EXPECT_EQ(outcome, one.outcome) << one.what;
  }
}

TEST(Admission, SaysWhyInTheWordsOfPs38) {
  const config::Config config = sample_config();
  const config::Listener listener;
  const auto reject_of = [&](const dicom::AssociateRequest& request) {
    return std::get<Refused>(admit(config, listener, {"1.1.1.1", ""}, request)).reject;
  };
  EXPECT_EQ(reject_of(request_from("NOBODY")), (dicom::AssociateReject{1, 1, 3}));
  EXPECT_EQ(reject_of(request_from("ANY", "OTHER")), (dicom::AssociateReject{1, 1, 7}));
  dicom::AssociateRequest request = request_from("ANY");
  request.application_context = Uid{"1.2.3"};
  EXPECT_EQ(reject_of(request), (dicom::AssociateReject{1, 1, 2}));
  request = request_from("ANY");
  request.protocol_version = 2;
  EXPECT_EQ(reject_of(request), (dicom::AssociateReject{1, 2, 2}));
}

TEST(Admission, TheHealthTitleIsOpenToAnybodyForVerificationAlone) {
  const config::Config config = sample_config();
  config::Listener listener;
  EXPECT_TRUE(std::holds_alternative<Refused>(
      admit(config, listener, {"1.1.1.1", ""}, request_from("NOBODY", ""))));
  listener.health_ae = AeTitle{"HEALTH"};
  dicom::AssociateRequest request = request_from("NOBODY", "HEALTH");
  request.contexts.push_back({3, Uid{std::string(dicom::kVerificationClass)}, {Uid{kImplicit}}});
  const auto verdict = admit(config, listener, {"1.1.1.1", ""}, request);
  const auto& admitted = std::get<Admitted>(verdict);
  EXPECT_EQ(admitted.source, nullptr);
  EXPECT_EQ(admitted.contexts[0].result, dicom::ContextResult::abstract_syntax_not_supported);
  EXPECT_EQ(admitted.contexts[1].result, dicom::ContextResult::accepted);
}

TEST(Admission, TakesStorageAndVerificationAndNothingElse) {
  struct Case {
    const char* sop_class;
    bool standard;
    bool with_private;
  };
  const Case cases[] = {
      {"1.2.840.10008.1.1", true, true},
      {"1.2.840.10008.5.1.4.1.1.2", true, true},
      {"1.2.840.10008.5.1.4.1.1.1.1", true, true},
      {"1.2.840.10008.5.1.4.1.1.88.67", true, true},
      {"1.2.840.10008.5.1.4.1.1.250.1", true, true},    // newer than our tables
      {"1.2.840.10008.5.1.4.1.2.2.1", false, false},    // query
      {"1.2.840.10008.1.20.1", false, false},           // storage commitment
      {"1.2.840.10008.5.1.4.1.1.201.1", false, false},  // no patient
      {"1.2.840.113619.4.30", false, true},             // private
      {"", false, false},
  };
  for (const Case& one : cases) {
    dicom::AssociateRequest request;
    request.contexts = {{1, Uid{one.sop_class}, {Uid{kExplicit}}}};
    const auto accepted = [&](bool private_classes) {
      return answer_contexts(request, {true, private_classes, false})[0].result ==
             dicom::ContextResult::accepted;
    };
    EXPECT_EQ(accepted(false), one.standard) << one.sop_class;
    EXPECT_EQ(accepted(true), one.with_private) << one.sop_class;
  }
}

TEST(Admission, AContextWithoutAReadableSyntaxIsRefused) {
  dicom::AssociateRequest request;
  request.contexts = {{1, Uid{kCt}, {}}};
  EXPECT_EQ(answer_contexts(request, {true, false, false})[0].result,
            dicom::ContextResult::transfer_syntaxes_not_supported);
}

TEST(Admission, ChoosesTheSyntaxThatAsksNobodyToCompress) {
  struct Case {
    std::vector<std::string> offered;
    std::string chosen;
  };
  const Case cases[] = {
      {{kImplicit}, kImplicit},
      {{kImplicit, kExplicit}, kExplicit},
      {{kExplicit, kImplicit}, kExplicit},
      {{kBigEndian, kImplicit}, kImplicit},
      {{kBigEndian, kExplicit, kImplicit}, kExplicit},
      {{kBigEndian}, kBigEndian},
      {{kJpegLossless, kExplicit}, kJpegLossless},
      {{kExplicit, kJpegLossless}, kExplicit},
      {{kImplicit, kJpegLossless}, kImplicit},
      {{kDeflated, kImplicit}, kDeflated},
      {{kHtj2k}, kHtj2k},
      {{"1.2.3.4"}, "1.2.3.4"},
      {{"1.2.3.4", kImplicit}, kImplicit},
      {{}, ""},
  };
  for (const Case& one : cases) {
    std::vector<Uid> offered;
    for (const std::string& uid : one.offered) offered.push_back(Uid{uid});
    EXPECT_EQ(choose_syntax(offered).value, one.chosen)
        << (one.offered.empty() ? "nothing" : one.offered.front());
  }
}

TEST(Admission, ReadsNetworks) {
  struct Case {
    const char* address;
    const char* network;
    bool inside;
  };
  const Case cases[] = {
      {"10.20.3.4", "10.20.0.0/16", true},   {"10.21.3.4", "10.20.0.0/16", false},
      {"10.20.3.4", "10.20.3.4", true},      {"10.20.3.5", "10.20.3.4", false},
      {"10.20.3.4", "10.20.3.4/32", true},   {"1.2.3.4", "0.0.0.0/0", true},
      {"10.20.3.127", "10.20.3.0/25", true}, {"10.20.3.128", "10.20.3.0/25", false},
      {"::1", "::1", true},                  {"2001:db8::1", "2001:db8::/32", true},
      {"2001:db9::1", "2001:db8::/32", false},
      {"::1", "0.0.0.0/0", false},           {"1.2.3.4", "::/0", false},
      {"1.2.3.4", "1.2.3.4/33", false},      {"1.2.3.4", "1.2.3.4/", false},
      {"1.2.3.4", "1.2.3.4/8x", false},      {"1.2.3.4", "hospital", false},
      {"", "0.0.0.0/0", false},              {"1.2.3.4", "", false},
      {"1.2.3.4", "1.2.3.4/-1", false},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(address_in(one.address, one.network), one.inside) << one.address << " " << one.network;
  }
}

}  // namespace
}  // namespace veilroute::scp
