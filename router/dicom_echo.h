// Asks a DICOM receiver whether it is there, and what it would take (PS3.4 annexes A and B).
#pragma once

#include "core/dicom/upper_layer.h"
#include "router/echo_report.h"

namespace veilroute::router {

/// Connects as sending does, asks for a C-ECHO, and proposes the common kinds of images in each
/// transfer syntax of its own, as sending does: on further associations, one after the other. Sends
/// no object. Errors are those of Requestor. `address` and `protocol` of the report are the
/// caller's. One thread.
Result<EchoReport> ask_receiver(const dicom::Call& call, const dicom::Interrupt& stop);

/// "JPEG Lossless" of a UID that ask_receiver() proposes; else the UID itself.
std::string name_of_transfer_syntax(const Uid& uid);

}  // namespace veilroute::router
