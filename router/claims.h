// Claims: which study or transfer a thread has in hand, and which rest after a failure of our own.
// In memory only: a restart forgets both, and that is safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/thread.h"

namespace veilroute::router {

/// Keeps two threads from taking the same id. Any thread.
template <typename Id>
class Claims {
 public:
  /// How long an id rests after its first failure, and at most; doubled in between.
  static constexpr Duration kFirstRest = std::chrono::seconds(2);
  static constexpr Duration kLongestRest = std::chrono::minutes(5);

  /// Gives the id back when destroyed. Must not outlive its Claims.
  class Claim {
   public:
    Claim(Claims& claims, Id id) : claims_(&claims), id_(id) {}
    Claim(Claim&& other) noexcept : claims_(std::exchange(other.claims_, nullptr)), id_(other.id_) {}
    Claim& operator=(Claim&&) = delete;
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;
    ~Claim() {
      if (claims_ != nullptr) claims_->release(id_);
    }

   private:
    Claims* claims_;
    Id id_;
  };

  /// Nothing when another thread has the id, or while it rests.
  std::optional<Claim> take(Id id, TimePoint now) {
    const Lock lock(mutex_);
    Entry& entry = entries_[id];
    if (entry.taken || now < entry.rests_until) return std::nullopt;
    entry.taken = true;
    return std::optional<Claim>(std::in_place, *this, id);
  }

  /// Not to be taken again before a while is over: for failures that say nothing about the study
  /// (a full disk, a store that does not answer). Each rest in a row is twice as long.
  TimePoint rest(Id id, TimePoint now) {
    const Lock lock(mutex_);
    Entry& entry = entries_[id];
    Duration length = kFirstRest;
    for (unsigned i = 0; i < entry.rests && length < kLongestRest; ++i) length *= 2;
    ++entry.rests;
    entry.rests_until = now + std::min(length, kLongestRest);
    return entry.rests_until;
  }

  /// It went well: the next failure starts with the first rest again.
  void rested(Id id) {
    const Lock lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end()) return;
    found->second.rests = 0;
    found->second.rests_until = TimePoint{};
  }

 private:
  struct Entry {
    bool taken = false;
    unsigned rests = 0;
    TimePoint rests_until{};
  };

  void release(Id id) {
    const Lock lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end()) return;
    found->second.taken = false;
    // Only what rests is remembered: the map stays as small as the trouble.
    if (found->second.rests == 0) entries_.erase(found);
  }

  Mutex mutex_;
  std::map<Id, Entry> entries_ VR_GUARDED_BY(mutex_);
};

}  // namespace veilroute::router
