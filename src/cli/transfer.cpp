#include "cli/transfer.hpp"

#include "cli/connect.hpp"
#include "cli/output.hpp"
#include "cli/report.hpp"
#include "cli/run.hpp"
#include "cli/text.hpp"
#include "cli/until_signal.hpp"

#include <boost/json/object.hpp>

namespace echosocket::cli {

namespace {

/// Returns the server's record of the file if it agrees with the bytes that were transferred.
result<stored_file> compared(const transfer& done, stored_file told) {
    if (told.bytes == done.bytes && told.crc32 == done.sum.text()) return told;
    return failure(errc::bad_reply, "what arrived is not what was sent: here " + std::to_string(done.bytes) +
                                        " bytes, CRC-32 " + done.sum.text() + ", there " + std::to_string(told.bytes) +
                                        " bytes, CRC-32 " + told.crc32);
}

exit_code report_failed_transfer(const target& server, std::string_view task, const transfer& file,
                                 const failure& why) {
    if (file.local_failure) {
        if (!server.json) {
            complain(*file.local_failure);
        } else if (print_json(failure_json(failure(errc::task_failed, *file.local_failure))) != exit_code::ok) {
            complain(*file.local_failure);
        }
        return exit_code::output_failed;
    }
    return report_failure(server, why, call_sentence(server, task, why));
}

asio::awaitable<exit_code> transfer_once(const target& server, std::string_view task, transfer& file,
                                         const transfer_step& step, const transfer_end& end) {
    const time_budget budget(server.timeout);
    auto connected = co_await connect_within(server.address, budget);
    if (!connected) {
        file.bar.reset();
        co_return report_failure(server, connected.error(), connect_sentence(server, connected.error()));
    }
    auto work = step(*connected);
    auto done = co_await unless_stalled(std::move(work), file.movement, server.timeout);
    if (done) done = compared(file, std::move(*done));
    file.bar.reset();
    if (!done) co_return report_failed_transfer(server, task, file, done.error());
    co_await connected->close();
    co_return end(*done);
}

asio::awaitable<exit_code> until_interrupted(asio::awaitable<exit_code> work) {
    auto ended = co_await until_signal(std::move(work));
    co_return ended.index() == 0 ? std::get<0>(ended) : exit_code{exit_by_signal(std::get<1>(ended))};
}

}  // namespace

exit_code run_transfer(const target& server, std::string_view task, transfer& file, const transfer_step& step,
                       const transfer_end& end) {
    const auto ended = run_to_end(until_interrupted(transfer_once(server, task, file, step, end)));
    file.bar.reset();
    return ended;
}

exit_code report_transfer(const target& server, const stored_file& file, std::string_view sentence) {
    if (!server.json) return print_result(one_line(sentence) + '\n');
    return print_json(
        boost::json::object{{"ok", true}, {"name", file.name}, {"bytes", file.bytes}, {"crc32", file.crc32}});
}

std::string facts_of(const stored_file& file) {
    return std::to_string(file.bytes) + (file.bytes == 1 ? " byte" : " bytes") + ", CRC-32 " + file.crc32;
}

}  // namespace echosocket::cli
