// Advice on the site itself: its folder, keys, spool, outbox, catalog, ledger and control socket.
#include "app/advice_tables.h"

namespace veilroute::app {
namespace {

constexpr std::string_view kSite = "This site: it is about its folder or its configuration.";
constexpr std::string_view kDisk = "This node's disk.";
constexpr std::string_view kDiskOrHand = "This node's disk, or somebody who changed its files.";
constexpr std::string_view kProgram = "This node: it is a fault of the program.";
constexpr std::string_view kNotStarted = "Nothing was started and nothing was changed.";
constexpr std::string_view kNotDone = "Nothing was changed.";
constexpr std::string_view kNoAnswer =
    "Sources are told to try later, and nothing that was acknowledged is lost.";
constexpr std::string_view kPostponed = "The work is tried again by itself every few seconds.";
constexpr std::string_view kBlocked = "Nothing of the transfer is sent; it waits for a person.";
constexpr std::string_view kOthersGoOn =
    "That object is marked as damaged and is never sent; all the others are used as before.";
constexpr std::string_view kUnreadable =
    "What it holds waits, and is looked for again at the next start; all the others are used as "
    "before.";
constexpr std::string_view kMakeReadable =
    "Look into the system's log for errors of the disk, and see that the node's user may read and "
    "write the file. Then restart the node.";
constexpr std::string_view kMakeRoom = "Make room on the disk that holds the site's state folder.";
constexpr std::string_view kCheckDisk =
    "Look into the system's log for errors of the disk. Then have the source send again what is "
    "damaged.";
constexpr std::string_view kTellMakers =
    "Keep the log of this hour, and report it to Veilroute's makers.";
constexpr std::string_view kPrepareAgain =
    "Look into the system's log for errors of the disk. Then have it prepared again with `queue "
    "retry --transfer`: what was sent stays sent, and the rest comes out the same.";

constexpr Advice kSiteAdvice[] = {
    // The folder
    {"site.in-use", "Another process owns this site.", "Nobody: a node runs, or another verb does.",
     kNotStarted,
     "If a node runs, it answers the other verbs itself. A second `serve` is not needed; stop the "
     "first one before you start another."},
    {"site.not-a-site", "This folder is not a site.", "Whoever named the folder.", kNotStarted,
     "Name the right folder with --site, or make a new site with `veilroute init`."},
    {"site.lock-unreadable", "The site's lock cannot be opened.", kSite, kNotStarted,
     "Run the verb as the user that owns the site's folder."},
    {"site.configuration-invalid", "The site's configuration has errors.", kSite, kNotStarted,
     "Run `veilroute check`: it lists all of them, each with file, line and column."},
    {"site.folder-not-empty", "The folder for the new site holds something already.",
     "Whoever named the folder.", kNotDone, "Name a new folder, or an empty one."},

    // Keys
    {"keys.master-wrong", "This is not the master key that the site's keys were wrapped with.",
     kSite, kNotStarted,
     "Put the right master.key back from your safe place. Do not make a new one: it opens "
     "nothing."},
    {"keys.missing", "The catalog lacks one of the site's keys.", kDiskOrHand, kNotStarted,
     "Put catalog.db back from your last copy."},
    {"keys.copy-missing", "The copy of the site's keys, keys/site.keys, is not there.", kSite,
     kNotDone, "Put it back from your safe place, or put catalog.db back from your last copy."},
    {"keys.copy-broken", "The copy of the site's keys does not open.", kDiskOrHand, kNotDone,
     "Put the right keys/site.keys and master.key back from your safe place."},
    {"keys.copy-not-written", "The copy of the site's keys could not be written.", kDisk,
     "The node works as before.",
     "See that keys/ can be written: the copy is what remains if catalog.db is lost."},
    {"key.missing", "A key file is not there.", kSite, kNotStarted,
     "Put the file back from your safe place. Do not make a new one: it opens nothing."},
    {"key.unreadable", "A key file cannot be read.", kSite, kNotStarted,
     "Run the verb as the user that owns the file."},
    {"key.open-to-others", "A key file may be read by others than its owner.", kSite, kNotStarted,
     "Take those rights away: the detail names the command. Think about who may have read it."},
    {"key.foreign", "A key file belongs to another user.", kSite, kNotStarted,
     "Give the file to the user that runs the node."},
    {"key.malformed", "A key file does not hold a key.", kSite, kNotStarted,
     "Put the right file back from your safe place."},
    {"key.not-a-file", "Something else stands where a key file should be.", kSite, kNotStarted,
     "Put the right file back from your safe place."},
    {"key.exists", "A key file is there already.", "Nobody: keys are never overwritten.", kNotDone,
     "Name another file, or another folder for the new site."},
    {"key.unknown-place", "The configuration names a place for the master key that is not known.",
     kSite, kNotStarted, "Write it as `file:` and the path of the file."},
    {"key.unprotected", "A new key file could not be kept from the eyes of others.",
     "The file system: it knows no rights of files.", kNotDone,
     "Use a file system that knows them, such as ext4 or xfs."},

    // The spool
    {"spool.no-room", "The disk is nearly full, so nothing more is taken in.", kDisk, kNoAnswer,
     kMakeRoom},
    {"spool.over-quota", "The spool has used up its quota, so nothing more is taken in.", kSite,
     kNoAnswer,
     "See with `queue list` what waits and why: what was sent can go. Or give `[spool] quota` more."},
    {"spool.folder-missing", "The spool's folder is not there, so nothing more is taken in.",
     kDiskOrHand, "Sources are told to try later.",
     "Stop the node and put the folder back, if somebody has it. What is gone is marked as damaged at "
     "the next start; have the source send that again."},
    {"spool.key-not-removed", "The key file of a segment that is closed could not be removed.", kDisk,
     "The next start removes it.", kCheckDisk},
    {"spool.write-failed", "An object could not be written to the disk.", kDisk, kNoAnswer,
     kCheckDisk},
    {"spool.sync-failed", "The disk did not confirm that an object is safe.", kDisk, kNoAnswer,
     "Look into the system's log for errors of the disk; a disk that does this is about to fail."},
    {"spool.truncate-failed", "Half an object could not be cut off again.", kDisk, kNoAnswer,
     kCheckDisk},
    {"spool.tidy-failed", "The spool could not be put in order.", kDisk, kPostponed, kCheckDisk},
    {"spool.head-too-long", "What was said of an object before its content is too long.",
     "The source.", "It was not taken in, and the source was told so.",
     "Look at what calls there: it may not be a DICOM system."},
    {"spool.trailer-too-long", "An object holds more facts than fit beside it.", "The source.",
     "It was not taken in, and the source was told so.", kTellMakers},
    {"spool.writer-ended", "The program wrote to an object that was closed.", kProgram, kNoAnswer,
     kTellMakers},
    {"spool.catalog-missing", "The spool holds objects that this catalog does not know.",
     "This site: a file was moved, lost, or put back from an old copy.", kNotStarted,
     "Put the right catalog.db back, or see `veilroute spool salvage --help`. Do not delete the "
     "spool: it holds what sources were told is safe."},
    {"spool.unknown-file", "The spool's folder holds a file that does not belong there.", kSite,
     kNotStarted, "Move the file elsewhere: the detail names it."},
    {"spool.version-unknown", "The spool was written by a newer version of the program.", kSite,
     kOthersGoOn, "Run the newer version again."},
    {"spool.corrupt", "Objects in the spool are damaged.", kDiskOrHand, kOthersGoOn, kCheckDisk},
    {"spool.record-lost", "An object that was taken in is not in the spool any more.", kDiskOrHand,
     kOthersGoOn, kCheckDisk},
    {"spool.record-damaged", "An object in the spool is damaged.", kDiskOrHand, kOthersGoOn,
     kCheckDisk},
    {"spool.record-broken", "An object in the spool cannot be opened: its seal does not agree.",
     kDiskOrHand, kOthersGoOn, kCheckDisk},
    {"spool.record-misplaced", "The catalog looks for an object where the spool holds another one.",
     kDiskOrHand, "Nothing of that object is sent; all the others are used as before.", kCheckDisk},
    {"spool.damage-not-marked", "A damaged object of the spool could not be marked as damaged.",
     kDisk, "It is never sent, and is marked when it is read again.", kCheckDisk},
    {"spool.record-unfit", "An object in the spool does not fit the catalog.", kDiskOrHand,
     kOthersGoOn, kCheckDisk},
    {"spool.mark-broken", "The mark that an object in the spool is whole does not agree.",
     kDiskOrHand, kOthersGoOn, kCheckDisk},
    {"spool.records-missing", "The catalog knows objects that are not in the spool any more.",
     kDiskOrHand, kOthersGoOn, kCheckDisk},
    {"spool.rows-missing", "The spool holds objects whose rows are not in the catalog any more.",
     "This site: the catalog was put back from an old copy, or changed.", kOthersGoOn,
     "Put the newest copy of catalog.db back, if there is a newer one."},
    {"spool.segment-missing", "A file of the spool is not there or cannot be opened.", kDiskOrHand,
     kOthersGoOn, kCheckDisk},
    {"spool.segment-unreadable", "A file of the spool cannot be opened or read.", kDisk,
     kUnreadable, kMakeReadable},
    {"spool.unreadable", "Files of the spool cannot be opened or read.", kDisk, kUnreadable,
     kMakeReadable},
    {"spool.spare-not-removed", "An empty file of the spool could not be removed.", kDisk,
     "It is removed later.", "Nothing needs to be done, unless it happens again."},
    {"spool.segment-key-broken", "The key of a file of the spool does not open.", kDiskOrHand,
     kOthersGoOn, "Put the newest copy of catalog.db back, if there is a newer one."},
    {"spool.torn-tail", "The node ended while an object came in.",
     "Nobody: the source was not told that it is safe.",
     "Half the object was cut off; the source "
     "sends it again.",
     "Nothing needs to be done."},

    // The outbox
    {"outbox.no-room", "There is no room on the disk for what is to be sent.", kDisk, kPostponed,
     kMakeRoom},
    {"outbox.over-quota", "The outbox has used up its quota, so the preparation waits.", kSite,
     "It goes on by itself once transfers that are ready have been sent.",
     "See with `queue list` what waits to be sent and why, or give `[outbox] quota` more."},
    {"outbox.folder-missing", "The outbox's folder is not there.", kDiskOrHand,
     "It is made again; where that fails, the preparation is tried again by itself.",
     "See that the node's user may write into the state folder. Transfers whose file was in it are "
     "blocked: `queue retry` has them prepared again."},
    {"outbox.write-failed", "What is to be sent could not be written to the disk.", kDisk,
     kPostponed, kCheckDisk},
    {"outbox.not-removed", "An outbox file of a transfer that is over could not be removed.", kDisk,
     "Nobody can read it: its key is gone. The next preparation replaces it.",
     "Look into the system's log for errors of the disk."},
    {"outbox.manifest-mismatch", "What lies in the outbox is not what was verified.", kDiskOrHand,
     kBlocked, kPrepareAgain},
    {"outbox.corrupt", "What lies in the outbox is damaged.", kDiskOrHand, kBlocked, kPrepareAgain},
    {"outbox.broken", "What lies in the outbox cannot be opened: a seal does not agree.",
     kDiskOrHand, kBlocked, kPrepareAgain},
    {"outbox.missing", "The outbox file of a transfer is not there.", kDiskOrHand, kBlocked,
     kPrepareAgain},
    {"outbox.manifest-too-long", "The transfer has more objects than fit one manifest.", kThisNode,
     kBlocked, kTellMakers},
    {"outbox.record-unfit", "A finished copy is not put together from what it says.", kProgram,
     kBlocked, kTellMakers},
    {"outbox.no-record", "The outbox does not hold an object that the transfer names.", kProgram,
     kBlocked, kTellMakers},

    // Preparing
    {"prepare.stopped", "The node was stopping while it prepared this transfer.", kThisNode,
     "It is prepared afresh at the next start.", "Start the node again."},
    {"prepare.no-memory", "There was not enough memory to prepare this transfer.", kThisNode,
     kPostponed, "Give the machine more memory, or let fewer other programs run on it."},
    {"prepare.exception", "A fault of the program stopped the preparation of this transfer.",
     kProgram, "The transfer waits in quarantine; nothing of it is sent until a person decides.",
     kTellMakers},

    // Catalog and ledger
    {"catalog.missing", "The site's catalog is not there.", kSite, kNotStarted,
     "Put catalog.db back from your last copy, or see `veilroute spool salvage --help`. A new site "
     "is made with `veilroute init`."},
    {"catalog.damaged", "The site's catalog is damaged.", kDiskOrHand, kNotStarted,
     "Keep what is there, and put catalog.db back from your last copy; then, or if there is none, "
     "see `veilroute spool salvage --help`."},
    {"catalog.no-write-ahead-log",
     "The catalog's database cannot keep its journal in the way that its safety hangs on.", kSite,
     kNotStarted,
     "Put the site's state folder on a local disk of this machine, with ext4 or xfs: a network's file "
     "system will not do. See as well that no other program has catalog.db open."},
    {"catalog.no-room", "The catalog has no room on its disk, so nothing more is taken in.", kDisk,
     "Sources are told to try later. What was acknowledged before waits, and is written by itself "
     "once there is room.",
     kMakeRoom},
    {"catalog.rows-left", "The node ended while its disk was full.", kDisk,
     "The next start finds these objects in the spool.", kMakeRoom},
    {"salvage.file-failed", "A file of the site could not be copied or moved.", kDisk,
     "What was moved so far stays where it is; run it again.", kMakeRoom},
    {"catalog.not-a-catalog", "The file catalog.db is not a catalog.", kDiskOrHand, kNotStarted,
     "Put catalog.db back from your last copy."},
    {"catalog.too-new", "The catalog was written by a newer version of the program.", kSite,
     kNotStarted, "Run the newer version again."},
    {"catalog.failed", "The catalog does not answer.", kDisk, kNoAnswer,
     "See whether the disk is full or read-only, and look into the system's log."},
    {"ledger.head-forged", "The ledger's head is gone, or was not written by this site.",
     kDiskOrHand, "Nothing more is written and nothing is sent.",
     "Stop the node, keep a copy of the state folder as it is, and find out who had access. Then "
     "put "
     "catalog.db back from your last good copy."},

    // The control socket
    {"control.not-allowed", "The node does not listen to this user.", "Whoever asked.", kNotDone,
     "Ask as the user that runs the node, or as root: `sudo -u`."},
    {"control.lost", "The connection to the node was lost.", "The node: it may be stopping.",
     "What was asked may have been done.", "Look at the state first, then ask again."},
    {"control.unknown-verb", "The node does not know this verb.",
     "The node is of another version than this command.", kNotDone,
     "Restart the node, so that both are of one version."},
};

}  // namespace

std::span<const Advice> site_advice() { return kSiteAdvice; }

}  // namespace veilroute::app
