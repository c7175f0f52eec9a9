// CommitmentPeer: a source that asks for storage commitment on one association and may wait there
// for the report; and readers of what it is told, on this association or another.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/test_sender.h"

namespace veilroute::test {

/// An object, as a request refers to it.
struct Asked {
  Uid sop_class;
  Uid sop_instance;
};

/// The data set of an N-ACTION, explicit VR little endian.
Bytes commitment_request(const Uid& transaction, const std::vector<Asked>& objects);

/// What a report says: SOP Instance UID → failure reason, 0 for those that are committed.
struct ToldReport {
  Uid transaction;
  std::map<std::string, unsigned> objects;
};
/// Of the data set of an N-EVENT-REPORT in explicit VR little endian.
ToldReport read_report(const Bytes& data);

/// One association with a context for storage commitment (1) and one for CT (3). One thread.
class CommitmentPeer {
 public:
  explicit CommitmentPeer(std::uint16_t port, const std::string& calling = "ER_CR1");
  /// Whether the node takes requests at all.
  [[nodiscard]] bool accepted() const { return accepted_; }
  /// The status of the N-ACTION; nothing when none came.
  std::optional<std::uint16_t> ask(const Bytes& request);
  std::optional<std::uint16_t> ask(const Uid& transaction, const std::vector<Asked>& objects) {
    return ask(commitment_request(transaction, objects));
  }
  /// Any command, with a data set if there is one; the status of its answer.
  std::optional<std::uint16_t> say(const dicom::Command& command, const Bytes& data);
  /// Waits for a report and answers it with `status`.
  std::optional<ToldReport> take_report(std::uint16_t status = 0);
  /// Waits for a report and leaves it without an answer.
  std::optional<ToldReport> overhear_report();
  /// True when the node answered.
  bool release();

 private:
  struct Message {
    std::uint8_t context = 0;
    dicom::Command command;
    Bytes data;
  };
  std::optional<Message> read_message();
  std::optional<ToldReport> report_of(const std::optional<Message>& message);
  RawPeer peer_;
  bool accepted_ = false;
  std::uint16_t message_id_ = 0;
};

}  // namespace veilroute::test
