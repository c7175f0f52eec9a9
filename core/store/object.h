// A spooled object: what arrived, when, from whom; and the states it can have.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/phi.h"
#include "core/dicom/scanner.h"

namespace veilroute::store {

/// What is known before the first byte of the data set: the sealed head of a segment record.
struct ObjectHead {
  ObjectId id;
  TimePoint received_at;
  SourceName source;
  ListenerName listener;
  AssociationId association;
  AeTitle calling_ae;
  AeTitle called_ae;
  Uid transfer_syntax;
  Uid sop_class;     ///< from the command
  Uid sop_instance;  ///< from the command
};

/// What only reading tells: the sealed trailer of a segment record.
struct ObjectFacts {
  std::uint64_t length_bytes = 0;
  Digest digest{};  ///< SHA-256 of the data set as received
  Uid study;
  Uid series;
  Phi<std::string> patient_id;  ///< trimmed
  Phi<std::string> issuer;      ///< IssuerOfPatientID, else the source's default issuer, else empty
  std::vector<dicom::LargeValue> large;
  std::vector<dicom::CapturedValue> match_facts;
  std::string unusable;      ///< slug; empty when the object can be used
  std::string unusable_at;   ///< tag path or offset, no values
};

/// Where a record lies and how to open it once its segment key is gone.
struct ObjectLocation {
  SegmentId segment;
  std::uint64_t offset = 0;        ///< of the record's frame in the segment
  std::uint64_t record_bytes = 0;  ///< frame to commit mark
  Bytes wrapped_key;               ///< the object's key under the spool key (decisions 2)
};

struct NewObject {
  ObjectHead head;
  ObjectFacts facts;
  ObjectLocation location;
};

enum class ObjectState : std::uint8_t { live, superseded, unusable, corrupt, shredded };
std::string_view to_string(ObjectState state);
/// live → superseded | unusable | corrupt | shredded; the others → shredded. Nothing else.
bool may_become(ObjectState from, ObjectState to);

/// Of a shredded object nothing is left of head and facts but id, time of receipt, length and digest.
struct SpooledObject {
  ObjectHead head;
  ObjectFacts facts;
  ObjectLocation location;
  ObjectState state = ObjectState::live;
  std::string reason;        ///< slug: why superseded, unusable, corrupt or shredded
  StudyKey study;
  std::uint32_t generation = 1;
  TimePoint ended_at;        ///< since when nothing more is to come of it; the epoch: something may
  TimePoint pinned_until;    ///< custody promised to its sender
  TimePoint shredded_at;     ///< the epoch: not shredded
  ObjectState was = ObjectState::live;  ///< before it was shredded
  bool segment_open = false;            ///< the key of its segment still exists
};

}  // namespace veilroute::store
