// Claims: which study or transfer a thread has in hand, and which rest after a failure of our own.
// In memory only: a restart forgets both, and that is safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/thread.h"

namespace veilroute::router {

/// Rests in a row after which an object that could not be read for a passing reason is taken for one
/// that cannot be read: some eight minutes.
inline constexpr unsigned kMostRests = 8;

/// Keeps two threads from taking the same id. Any thread.
template <typename Id>
class Claims {
 public:
  /// How long an id rests after its first failure, and at most; doubled in between.
  static constexpr Duration kFirstRest = std::chrono::seconds(2);
  static constexpr Duration kLongestRest = std::chrono::minutes(5);
  /// Who has not come back so long after its rest never will: it ended in some other way.
  static constexpr Duration kForgetAfter = std::chrono::hours(1);

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
    // A rest that is longer than any ends: the clock was set back meanwhile.
    const bool rests = now < entry.rests_until && entry.rests_until - now <= kLongestRest;
    if (entry.taken || rests) return std::nullopt;
    entry.taken = true;
    return std::optional<Claim>(std::in_place, *this, id);
  }

  /// Not to be taken again before a while is over: for failures that say nothing about the study
  /// (a full disk, a store that does not answer). Each rest in a row is twice as long.
  /// `why`: a slug for whoever asks why it waits.
  TimePoint rest(Id id, TimePoint now, const std::string& why = {}) {
    const Lock lock(mutex_);
    forget_before(now);
    Entry& entry = entries_[id];
    Duration length = kFirstRest;
    for (unsigned i = 0; i < entry.rests && length < kLongestRest; ++i) length *= 2;
    ++entry.rests;
    entry.why = why;
    entry.rests_until = now + std::min(length, kLongestRest);
    return entry.rests_until;
  }

  /// Why an id rests; empty when it does not.
  [[nodiscard]] std::string why(Id id) {
    const Lock lock(mutex_);
    const auto found = entries_.find(id);
    return found == entries_.end() || found->second.rests == 0 ? std::string() : found->second.why;
  }

  /// It went well: the next failure starts with the first rest again.
  void rested(Id id) {
    const Lock lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end()) return;
    found->second.rests = 0;
    found->second.rests_until = TimePoint{};
  }

  /// How often in a row it has been put to rest.
  [[nodiscard]] unsigned rests(Id id) const {
    const Lock lock(mutex_);
    const auto found = entries_.find(id);
    return found == entries_.end() ? 0 : found->second.rests;
  }

  /// How many are in hand or rest, or did so lately.
  [[nodiscard]] std::size_t size() const {
    const Lock lock(mutex_);
    return entries_.size();
  }

 private:
  struct Entry {
    bool taken = false;
    unsigned rests = 0;
    TimePoint rests_until{};
    std::string why;
  };

  void forget_before(TimePoint now) VR_REQUIRES(mutex_) {
    std::erase_if(entries_, [now](const auto& one) {
      return !one.second.taken && one.second.rests_until + kForgetAfter < now;
    });
  }

  void release(Id id) {
    const Lock lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end()) return;
    found->second.taken = false;
    // Only what rests is remembered: the map stays as small as the trouble.
    if (found->second.rests == 0) entries_.erase(found);
  }

  mutable Mutex mutex_;
  std::map<Id, Entry> entries_ VR_GUARDED_BY(mutex_);
};

}  // namespace veilroute::router
