// Storage commitment over real sockets: asked for, answered, reported here or elsewhere, once.
#include <gtest/gtest.h>

#include "scp/reporter.h"
#include "tests/scp/reception.h"
#include "tests/support/certificates.h"
#include "tests/support/commitment_peer.h"
#include "tests/support/test_receiver.h"
#include "tests/support/wait.h"

namespace veilroute::scp {
namespace {

using Mode = config::CommitmentSettings::Mode;
using test::Asked;
using test::CommitmentPeer;

constexpr std::chrono::seconds kPatience{5};
const Uid kCt{"1.2.840.10008.5.1.4.1.1.2"};
const Uid kExplicit{"1.2.840.10008.1.2.1"};
const Uid kTransaction{"2.25.901"};

Uid instance(int number) { return Uid{"2.25." + std::to_string(7000 + number)}; }
Asked asked(int number) { return {kCt, instance(number)}; }

/// `report_port`: where ER_CR1 takes reports; 0: nowhere.
ReceptionOptions with(Mode mode, std::uint16_t report_port = 0) {
  ReceptionOptions options;
  options.commitment = mode;
  options.report_port = report_port;
  return options;
}

void store_two(const Reception& reception) {
  std::vector<test::Sendable> objects;
  for (const int number : {1, 2}) {
    objects.push_back({kCt, instance(number), kExplicit,
                       test::explicit_data_set(kCt, instance(number), Uid{"1.2.3.9"},
                                               Bytes(100, 5))});
  }
  EXPECT_EQ(test::send_objects(reception.sender(), objects).value(),
            (std::vector<std::uint16_t>{0, 0}));
}

store::Commitment only_one(Reception& reception) {
  const auto all = reception.desk().book().list_commitments(10).value();
  EXPECT_EQ(all.size(), 1U);
  return all.empty() ? store::Commitment() : all.front();
}

std::size_t one_round(Reception& reception) {
  const dicom::Interrupt never;
  return report_round(reception.desk(), never).value();
}

TEST(Commitment, IsRefusedWhereTheNodeAnswersForNothing) {
  const Reception reception;
  EXPECT_FALSE(CommitmentPeer(reception.port()).accepted());
}

TEST(Commitment, IsReportedOnTheAssociationThatWaits) {
  Reception reception(with(Mode::custody));
  store_two(reception);
  CommitmentPeer peer(reception.port());
  ASSERT_TRUE(peer.accepted());
  EXPECT_EQ(peer.ask(kTransaction, {asked(1), asked(2)}), 0);
  const auto told = peer.take_report();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->transaction, kTransaction);
  EXPECT_EQ(told->objects,
            (std::map<std::string, unsigned>{{instance(1).value, 0}, {instance(2).value, 0}}));
  // The association serves on; and once told, it is told no more.
  const Asked no_class{Uid{"1.2.840.10008.1.1"}, instance(4)};
  EXPECT_EQ(peer.ask(Uid{"2.25.902"}, {asked(1), asked(3), no_class}), 0);
  const auto second = peer.take_report();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->objects.at(instance(3).value), 0x0112U);
  EXPECT_EQ(second->objects.at(instance(4).value), 0x0122U);
  EXPECT_TRUE(peer.release());
  ASSERT_TRUE(test::wait_for([&] {
    return reception.desk().book().list_commitments(1).value()[0].state ==
           store::CommitmentState::reported;
  }, kPatience));
  EXPECT_EQ(one_round(reception), 0U);
}

TEST(Commitment, IsReportedOnANewAssociationToASourceThatLeft) {
  test::TestReceiver receiver({});
  Reception reception(with(Mode::custody, receiver.port()));
  store_two(reception);
  {
    CommitmentPeer peer(reception.port());
    EXPECT_EQ(peer.ask(kTransaction, {asked(1), asked(9)}), 0);
    // The same again is the same request: a source that lost our answer.
    EXPECT_EQ(peer.ask(kTransaction, {asked(1), asked(9)}), 0);
    EXPECT_TRUE(peer.release());
  }
  ASSERT_TRUE(test::wait_for([&] { return one_round(reception) == 1; }, kPatience));
  const auto told = receiver.objects();
  ASSERT_EQ(told.size(), 1U);
  const auto report = test::read_report(told[0].data);
  EXPECT_EQ(report.transaction, kTransaction);
  EXPECT_EQ(report.objects.at(instance(1).value), 0U);
  EXPECT_EQ(report.objects.at(instance(9).value), 0x0112U);
  EXPECT_EQ(receiver.requests()[0].called.value, "ER_CR1");
  EXPECT_EQ(receiver.requests()[0].calling.value, "VEILROUTE");
  EXPECT_EQ(receiver.releases(), 1U);
  EXPECT_EQ(only_one(reception).state, store::CommitmentState::reported);
  EXPECT_EQ(one_round(reception), 0U);
}

/// One set of certificates for the tests below.
struct ReportCertificates {
  TemporaryFolder folder;
  test::Authority ours{folder.path(), "ours"};
  test::Authority theirs{folder.path(), "theirs"};
  test::Identity node = ours.issue("node");
  test::Identity modality = ours.issue("modality");
  test::Identity elsewhere = ours.issue("elsewhere", {.names = {"DNS:pacs.example"}});
  test::Identity stranger = theirs.issue("stranger");
};
const ReportCertificates& report_certificates() {
  static const ReportCertificates made;
  return made;
}

/// The receiver of reports shows `shown` and trusts our authority alone.
std::unique_ptr<dicom::TlsContext> receiver_tls(const test::Identity& shown) {
  return dicom::TlsContext::open(dicom::TlsContext::Side::listener,
                                 {shown.cert, shown.key, report_certificates().ours.ca()})
      .value();
}

/// Reports go over TLS to `receiver`, and the node shows `node`.
ReceptionOptions over_tls(const test::TestReceiver& receiver, const test::Identity& node,
                          const std::string& pin) {
  ReceptionOptions options = with(Mode::custody, receiver.port());
  options.report_cert = node.cert;
  options.report_key = node.key;
  options.report_ca = report_certificates().ours.ca();
  options.report_pin = pin;
  return options;
}

/// Asked for by a source that leaves; then one round that has tried to tell it.
void ask_and_try(Reception& reception) {
  store_two(reception);
  {
    CommitmentPeer peer(reception.port());
    EXPECT_EQ(peer.ask(kTransaction, {asked(1), asked(9)}), 0);
  }
  EXPECT_TRUE(test::wait_for(
      [&] { return one_round(reception) == 1 || only_one(reception).attempts == 1; }, kPatience));
}

TEST(Commitment, IsReportedOverTlsToTheOneWhoMayHearIt) {
  const ReportCertificates& all = report_certificates();
  const auto tls = receiver_tls(all.modality);
  for (const std::string& pin : {std::string(), all.modality.sha256}) {
    test::TestReceiver receiver({}, tls.get());
    Reception reception(over_tls(receiver, all.node, pin));
    ask_and_try(reception);
    EXPECT_EQ(only_one(reception).state, store::CommitmentState::reported) << pin;
    const auto told = receiver.objects();
    ASSERT_EQ(told.size(), 1U) << pin;
    const auto report = test::read_report(told[0].data);
    EXPECT_EQ(report.transaction, kTransaction);
    EXPECT_EQ(report.objects.at(instance(1).value), 0U);
    EXPECT_EQ(report.objects.at(instance(9).value), 0x0112U);
    EXPECT_EQ(receiver.releases(), 1U);
  }
}

TEST(Commitment, IsToldToNobodyElseOverTls) {
  const ReportCertificates& all = report_certificates();
  struct Case {
    const char* what;
    const test::Identity& shown;
    const test::Identity& node;
    std::string pin;
    const char* slug;
  };
  const Case cases[] = {
      {"another authority", all.stranger, all.node, "", "tls.unknown-ca"},
      {"another host", all.elsewhere, all.node, "", "tls.wrong-host"},
      {"another certificate than the pinned one", all.modality, all.node, all.node.sha256,
       "tls.wrong-pin"},
      {"a receiver that does not trust us", all.modality, all.stranger, "", "tls.peer-rejects-us"},
  };
  for (const Case& one : cases) {
    const auto tls = receiver_tls(one.shown);
    test::TestReceiver receiver({}, tls.get());
    Reception reception(over_tls(receiver, one.node, one.pin));
    ask_and_try(reception);
    EXPECT_EQ(only_one(reception).state, store::CommitmentState::settled) << one.what;
    EXPECT_EQ(only_one(reception).reason, one.slug) << one.what;
    EXPECT_TRUE(receiver.objects().empty()) << one.what;
  }
}

TEST(Commitment, WhatTheSourceDoesNotAcknowledgeIsTriedAgain) {
  test::ReceiverScript script;
  script.status = [](std::size_t) { return 0x0110; };
  test::TestReceiver receiver(script);
  Reception reception(with(Mode::custody, receiver.port()));
  store_two(reception);
  CommitmentPeer peer(reception.port());
  EXPECT_EQ(peer.ask(kTransaction, {asked(1)}), 0);
  EXPECT_TRUE(peer.overhear_report());
  EXPECT_TRUE(peer.release());
  ASSERT_TRUE(test::wait_for([&] {
    one_round(reception);
    return only_one(reception).attempts == 1;
  }, kPatience));
  const store::Commitment deferred = only_one(reception);
  EXPECT_EQ(deferred.state, store::CommitmentState::settled);
  EXPECT_EQ(deferred.reason, "commitment.report-refused");
  EXPECT_GT(deferred.due_at, reception.desk().now() + std::chrono::seconds(20));
}

TEST(Commitment, ASourceThatCannotBeReachedIsNotForgotten) {
  std::uint16_t closed = 0;
  {
    const test::TestReceiver gone({});
    closed = gone.port();
  }
  Reception reception(with(Mode::custody, closed));
  store_two(reception);
  {
    CommitmentPeer peer(reception.port());
    EXPECT_EQ(peer.ask(kTransaction, {asked(1)}), 0);
  }
  ASSERT_TRUE(test::wait_for([&] {
    one_round(reception);
    return only_one(reception).attempts == 1;
  }, kPatience));
  EXPECT_EQ(only_one(reception).reason, "network.unreachable");
  EXPECT_EQ(only_one(reception).state, store::CommitmentState::settled);
}

TEST(Commitment, InArchiveModeNothingIsSaidBeforeTheArchiveHasIt) {
  test::TestReceiver receiver({});
  Reception reception(with(Mode::archive, receiver.port()));
  store_two(reception);
  {
    CommitmentPeer peer(reception.port());
    EXPECT_EQ(peer.ask(kTransaction, {asked(1)}), 0);
  }
  ASSERT_TRUE(test::wait_for([&] {
    one_round(reception);
    return only_one(reception).due_at > only_one(reception).requested_at;
  }, kPatience));
  EXPECT_EQ(only_one(reception).state, store::CommitmentState::waiting);
  EXPECT_TRUE(receiver.objects().empty());
}

TEST(Commitment, ARequestThatDoesNotFitIsRefusedAndTheAssociationGoesOn) {
  Reception reception(with(Mode::custody));
  store_two(reception);
  const Uid sop_class{"1.2.840.10008.1.20.1"};
  const Uid well_known{"1.2.840.10008.1.20.1.1"};
  const Bytes good = test::commitment_request(kTransaction, {asked(1)});
  dicom::Command no_data = dicom::n_action_request(1, sop_class, well_known, 1);
  no_data.data_set_type = dicom::kNoDataSet;
  std::vector<Asked> many;
  for (int i = 0; i < 10'001; ++i) many.push_back(asked(i));
  struct Case {
    const char* what;
    dicom::Command command;
    Bytes data;
    std::uint16_t status;
  };
  const dicom::Command action = dicom::n_action_request(1, sop_class, well_known, 1);
  const Case cases[] = {
      {"another class", dicom::n_action_request(1, kCt, well_known, 1), good, 0x0118},
      {"another instance", dicom::n_action_request(1, sop_class, instance(1), 1), good, 0x0112},
      {"another action", dicom::n_action_request(1, sop_class, well_known, 2), good, 0x0123},
      {"no data set", no_data, {}, 0x0115},
      {"no transaction UID", action, test::commitment_request(Uid{}, {asked(1)}), 0x0115},
      {"no references", action, test::commitment_request(kTransaction, {}), 0x0115},
      {"a reference without a UID", action,
       test::commitment_request(kTransaction, {{kCt, Uid{}}}), 0x0115},
      {"noise", action, Bytes(500, 0xA5), 0x0115},
      {"a request that breaks off", action, Bytes(good.begin(), good.end() - 20), 0x0115},
      {"too many references", action, test::commitment_request(kTransaction, many), 0x0213},
      {"more bytes than any request", action, Bytes((4U << 20U) + 2, 0), 0x0213},
  };
  CommitmentPeer peer(reception.port());
  for (const Case& one : cases) EXPECT_EQ(peer.say(one.command, one.data), one.status) << one.what;
  EXPECT_TRUE(reception.desk().book().list_commitments(1).value().empty());
  EXPECT_EQ(peer.say(dicom::c_store_request(3, kCt, instance(5)),
                     test::explicit_data_set(kCt, instance(5), Uid{"1.2.3.9"}, Bytes(10, 1))),
            0);
  EXPECT_TRUE(peer.release());
}

TEST(Commitment, AnAnswerThatNobodyAskedForEndsTheAssociation) {
  const Reception reception(with(Mode::custody));
  CommitmentPeer peer(reception.port());
  dicom::Command answer = dicom::n_event_report_request(
      1, Uid{"1.2.840.10008.1.20.1"}, Uid{"1.2.840.10008.1.20.1.1"}, 1);
  answer = dicom::response_to(answer, 0);
  EXPECT_FALSE(peer.say(answer, {}));
}

}  // namespace
}  // namespace veilroute::scp
