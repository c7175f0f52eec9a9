// Waiting for something that other processes bring about: polls, with an end.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace veilroute::test {

/// True as soon as `condition()` is; false when `longest` has passed without it.
bool wait_for(const std::function<bool()>& condition, std::chrono::milliseconds longest);

}  // namespace veilroute::test
