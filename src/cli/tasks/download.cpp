#include "cli/tasks/download.hpp"

#include "cli/tasks/file_name.hpp"
#include "cli/tasks/http_fetch.hpp"
#include "cli/tasks/put_away.hpp"

#include <boost/asio/this_coro.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace echosocket::cli {

namespace {

using fetch_ptr = std::unique_ptr<http_fetch>;

failure failed(std::string why) {
    return {errc::task_failed, std::move(why)};
}

/// Shared with lookups of names, which go on when their download has been cancelled: or whoever cancels downloads could
/// have any number of them.
struct kept_place {
    kept_place(std::shared_ptr<slots> all, slots::place one) : owner(std::move(all)), place(std::move(one)) {}

    std::shared_ptr<slots> owner;
    slots::place place;
};

/// Follows redirects to a reply with a body; every step is checked like the first URL.
asio::awaitable<result<fetch_ptr>> open(http_url& url, const download_policy& policy,
                                        const std::shared_ptr<void>& place) {
    const auto executor = co_await asio::this_coro::executor;
    for (int redirects = 0; redirects <= most_redirects; ++redirects) {
        auto fetch = std::make_unique<http_fetch>(executor, url, policy.from, policy.limit, download_stall_timeout);
        auto begun = co_await fetch->begin(place);
        if (!begun) co_return begun.error();
        const auto location = fetch->redirect();
        if (!location) co_return std::move(fetch);
        auto next = resolve_location(url, *location);
        if (!next) co_return failed(url.text() + " redirects to where this can't go: " + next.error().detail);
        url = std::move(*next);
    }
    co_return failed("more than " + std::to_string(most_redirects) + " redirects");
}

asio::awaitable<result<downloaded>> save(task_context& call, store_folder& folder, http_fetch& fetch,
                                         incoming_file& file) {
    downloaded done;
    for (;;) {
        auto piece = co_await fetch.read_some();
        if (!piece) co_return piece.error();
        if (piece->empty()) break;
        auto written = co_await call.run_on(folder.threads(), [&file, bytes = *piece] { return file.write(bytes); });
        if (!written) co_return written.error();
        done.bytes += piece->size();
    }
    auto path = co_await call.run_on(folder.threads(), [&file] { return file.keep(); });
    if (!path) co_return path.error();
    done.path = path->string();
    co_return done;
}

asio::awaitable<result<downloaded>> keep_body(task_context& call, const download_policy& policy, const http_url& url,
                                              http_fetch& fetch) {
    auto& folder = *policy.folder;
    auto file = co_await call.run_on(folder.threads(), [&folder, &policy, &url] {
        return incoming_file::create(folder, policy.quota, safe_file_name(url.path));
    });
    if (!file) co_return file.error();
    std::optional<result<downloaded>> saved;
    std::exception_ptr cut_short;
    try {
        saved = co_await save(call, folder, fetch, *file);
    } catch (...) {
        cut_short = std::current_exception();
    }
    co_await put_away(call, folder, *file);
    if (cut_short) std::rethrow_exception(cut_short);
    co_return std::move(*saved);
}

}  // namespace

asio::awaitable<result<downloaded>> download(task_context& call, const download_policy& policy,
                                             std::shared_ptr<slots> downloads, std::string text) {
    if (!policy.folder)
        co_return failure(errc::not_allowed,
                          "this server downloads nothing; `echosocket serve --download-dir DIR` allows it");
    auto url = parse_http_url(text);
    if (!url) co_return url.error();
    auto taken = downloads->take();
    if (!taken) co_return failure(errc::overloaded, "as many downloads as allowed are running already");
    const auto place = std::make_shared<kept_place>(std::move(downloads), std::move(*taken));
    auto fetch = co_await open(*url, policy, place);
    if (!fetch) co_return fetch.error();
    if ((*fetch)->status() != 200) co_return failed(url->text() + " answered " + (*fetch)->reason());
    auto kept = co_await keep_body(call, policy, *url, **fetch);
    co_return kept;
}

}  // namespace echosocket::cli
