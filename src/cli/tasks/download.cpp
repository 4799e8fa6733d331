#include "cli/tasks/download.hpp"

#include "cli/tasks/file_name.hpp"
#include "cli/tasks/http_fetch.hpp"
#include "cli/tasks/partial_file.hpp"

#include <boost/asio/this_coro.hpp>

#include <memory>
#include <utility>

namespace echosocket::cli {

namespace {

using fetch_ptr = std::unique_ptr<http_fetch>;

failure failed(std::string why) {
    return {errc::task_failed, std::move(why)};
}

/// Follows redirects to a reply with a body; every step is checked like the first URL.
asio::awaitable<result<fetch_ptr>> open(http_url& url, std::uint64_t limit) {
    const auto executor = co_await asio::this_coro::executor;
    for (int redirects = 0; redirects <= most_redirects; ++redirects) {
        auto fetch = std::make_unique<http_fetch>(executor, url, limit, download_stall_timeout);
        auto begun = co_await fetch->begin();
        if (!begun) co_return begun.error();
        const auto location = fetch->redirect();
        if (!location) co_return std::move(fetch);
        auto next = resolve_location(url, *location);
        if (!next) co_return failed(url.text() + " redirects to where this can't go: " + next.error().detail);
        url = std::move(*next);
    }
    co_return failed("more than " + std::to_string(most_redirects) + " redirects");
}

asio::awaitable<result<downloaded>> save(http_fetch& fetch, partial_file& file) {
    downloaded done;
    for (;;) {
        auto piece = co_await fetch.read_some();
        if (!piece) co_return piece.error();
        if (piece->empty()) break;
        auto written = file.write(*piece);
        if (!written) co_return written.error();
        done.bytes += piece->size();
    }
    auto path = file.keep();
    if (!path) co_return path.error();
    done.path = path->string();
    co_return done;
}

}  // namespace

asio::awaitable<result<downloaded>> download(const download_policy& policy, std::string text) {
    if (!policy.directory)
        co_return failure(errc::not_allowed,
                          "this server downloads nothing; `echosocket serve --download-dir DIR` allows it");
    auto url = parse_http_url(text);
    if (!url) co_return url.error();
    auto fetch = co_await open(*url, policy.limit);
    if (!fetch) co_return fetch.error();
    if ((*fetch)->status() != 200) co_return failed(url->text() + " answered " + (*fetch)->reason());
    auto file = partial_file::create(*policy.directory, safe_file_name(url->path));
    if (!file) co_return file.error();
    co_return co_await save(**fetch, *file);
}

}  // namespace echosocket::cli
