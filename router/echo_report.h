// What a destination answered when it was asked whether it is there.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/dicom/transport.h"

namespace veilroute::router {

struct EchoReport {
  /// One kind of object, and what it may be sent in.
  struct Taken {
    Uid sop_class;
    std::vector<Uid> transfer_syntaxes;  ///< empty: not taken
  };
  std::string address;   ///< "host:port" or URL, as the configuration has it
  std::string protocol;  ///< "dicom+tls", ...
  dicom::TlsFacts tls;   ///< empty without TLS
  std::string peer;      ///< what it calls itself; empty: it does not say
  std::chrono::milliseconds reached{};   ///< until it took us: connection, TLS, association
  std::chrono::milliseconds answered{};  ///< its answer to the question itself
  std::vector<Taken> asked;  ///< DICOM: the common kinds of objects that departments send
  std::string note;          ///< a sentence for a person; empty: nothing
  std::string asked_until;   ///< slug of what ended the asking early; empty: all were asked
};

}  // namespace veilroute::router
