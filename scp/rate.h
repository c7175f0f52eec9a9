// Rates: how often a peer makes us do something, or write a line into the log. A peer decides how
// often it fails; it must not decide how long the log is.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "core/base/ids.h"
#include "core/base/thread.h"
#include "core/dicom/transport.h"

namespace veilroute::scp {

/// Lines about refusals: of strangers at a listener, of each source's objects. The rest is counted.
inline constexpr unsigned kMostRefusalsLoggedPerSecond = 10;

/// At most so many a second. One thread.
class Rate {
 public:
  explicit Rate(unsigned most) : most_(most) {}
  bool allow(dicom::SteadyTime now);

 private:
  unsigned most_;
  unsigned used_ = 0;
  dicom::SteadyTime window_{};
};

/// Lines of one kind. One thread.
class LogRate {
 public:
  /// How many lines were left out since the last one; nothing: this one is left out, too.
  std::optional<std::uint64_t> next(dicom::SteadyTime now);

 private:
  Rate rate_{kMostRefusalsLoggedPerSecond};
  std::uint64_t left_out_ = 0;
};

/// The same for each source, so that none hides what another one's refusals say. Any thread.
class SourceLogRate {
 public:
  std::optional<std::uint64_t> next(const SourceName& source, dicom::SteadyTime now);

 private:
  Mutex mutex_;
  std::map<SourceName, LogRate> by_source_ VR_GUARDED_BY(mutex_);  ///< configured ones: not many
};

}  // namespace veilroute::scp
