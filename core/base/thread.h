// A named thread that joins itself, and a lock the compiler checks (clang -Wthread-safety).
#pragma once

#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#if defined(__clang__)
#define VR_ATTRIBUTE(x) __attribute__((x))
#else
#define VR_ATTRIBUTE(x)
#endif
#define VR_GUARDED_BY(x) VR_ATTRIBUTE(guarded_by(x))
#define VR_REQUIRES(x) VR_ATTRIBUTE(requires_capability(x))

namespace veilroute {

class VR_ATTRIBUTE(capability("mutex")) Mutex {
 public:
  void lock() VR_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
  void unlock() VR_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class VR_ATTRIBUTE(scoped_lockable) Lock {
 public:
  explicit Lock(Mutex& mutex) VR_ATTRIBUTE(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }
  ~Lock() VR_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  Mutex& mutex_;
};

/// Starts at once; asks to stop and joins when destroyed. The name (15 characters at most) is what
/// `top -H` shows. An exception that leaves `body` ends the process.
class Thread {
 public:
  Thread() = default;
  Thread(const std::string& name, std::function<void(std::stop_token)> body);
  Thread(Thread&&) = default;
  Thread& operator=(Thread&&) = default;
  void request_stop() { thread_.request_stop(); }
  void join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::jthread thread_;
};

}  // namespace veilroute
