// take_object: the single way into the spool, shared by every door. Walk step 2 and 3.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/thread.h"
#include "core/base/traffic.h"
#include "core/dicom/scanner.h"
#include "core/store/catalog.h"
#include "core/store/in_flight.h"
#include "core/store/spool.h"
#include "scp/rate.h"

namespace veilroute::scp {

class CommitmentDesk;

/// From whom, by which door.
struct Origin {
  SourceName source;
  std::string default_issuer;
  ListenerName listener;
  AssociationId association;
  AeTitle calling_ae;
  AeTitle called_ae;
  bool private_classes = false;  ///< the listener admits SOP classes outside the standard
};

/// What the command or the file meta information says of an object.
struct Announced {
  Uid sop_class;
  Uid sop_instance;
  Uid transfer_syntax;
};

/// Hands out ids from blocks, since each reservation is a durable write. Any thread.
class IdBlock {
 public:
  Result<std::uint64_t> next(store::Catalog& catalog);

 private:
  Mutex mutex_;
  std::uint64_t next_ VR_GUARDED_BY(mutex_) = 0;
  std::uint64_t end_ VR_GUARDED_BY(mutex_) = 0;
};

/// Where accepted objects go. One per node; any thread.
struct IntakeRoom {
  store::Spool& spool;
  store::Catalog& catalog;
  store::InFlight& in_flight;
  Clock& clock;
  store::CompletionPolicy completion;
  std::vector<dicom::Tag> match_tags;  ///< sorted: what routes ask about
  std::function<void()> ring;          ///< wakes the planner
  /// Of objects and associations. Shared, as what follows, so that the room stays a plain value.
  std::shared_ptr<IdBlock> ids = std::make_shared<IdBlock>();
  /// Of what is refused to sources, whatever number of associations they open.
  std::shared_ptr<SourceLogRate> refusals = std::make_shared<SourceLogRate>();
  std::shared_ptr<Traffic> traffic = std::make_shared<Traffic>();
  CommitmentDesk* commitments = nullptr;  ///< null: this node answers for nothing
};

/// One object being received: begin, feed in any pieces, finish. Destroyed before finish(): nothing
/// is kept. `finish` returns after the object is durable (law 1), or an error that scp/status.cc
/// turns into the answer (decisions 4): "object.sop-class-invalid", "object.sop-instance-invalid",
/// "object.identity-unread", "object.uid-unlike-command", "object.study-uid-absent" (also when it
/// could not be read), "object.class-not-admitted", "spool.no-room". Whatever else is wrong with it
/// is accepted and held as unusable, with the scanner's slug or "object.study-uid-invalid". One
/// thread.
class Intake {
 public:
  static Result<Intake> begin(IntakeRoom& room, const Origin& origin, const Announced& announced);
  Intake(Intake&&) noexcept;
  ~Intake();
  Result<void> feed(ByteView bytes);
  /// The object's id, once it is durable.
  Result<ObjectId> finish();

 private:
  struct State;
  explicit Intake(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// A whole data set from a source of bytes (files, `submit`).
Result<ObjectId> take_object(IntakeRoom& room, const Origin& origin, const Announced& announced,
                             ByteSource& bytes, std::uint64_t offset);

}  // namespace veilroute::scp
