#include "tests/support/fake_rest.hpp"

#include <type_traits>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

namespace spill::fake {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using Tls = asio::ssl::stream<tcp::socket>;

}  // namespace

class RestServer::Impl final : public std::enable_shared_from_this<Impl> {
public:
    Impl(asio::io_context& io, Answer script, const std::optional<Certificate>& certificate)
        : answer(std::move(script)),
          acceptor(io, {asio::ip::make_address("127.0.0.1"), 0}),
          context(asio::ssl::context::tls_server),
          tls(certificate.has_value()) {
        if (!certificate) return;
        context.use_certificate_chain(asio::buffer(certificate->chain_pem));
        context.use_private_key(asio::buffer(certificate->key_pem), asio::ssl::context::pem);
    }

    void accept() {
        acceptor.async_accept([weak = weak_from_this()](error_code ec, tcp::socket socket) {
            auto const self = weak.lock();
            if (ec || !self) return;
            if (self->tls) {
                auto stream = std::make_shared<Tls>(std::move(socket), self->context);
                stream->async_handshake(asio::ssl::stream_base::server,
                                        [self, stream](error_code failed) {
                                            if (!failed) self->read(stream);
                                        });
            } else {
                self->read(std::make_shared<tcp::socket>(std::move(socket)));
            }
            self->accept();
        });
    }

    template <class Stream>
    void read(std::shared_ptr<Stream> stream) {
        auto head = std::make_shared<std::string>();
        asio::async_read_until(
            *stream, asio::dynamic_buffer(*head), "\r\n\r\n",
            [weak = weak_from_this(), stream, head](error_code ec, std::size_t) {
                auto const self = weak.lock();
                if (ec || !self) return;
                std::size_t const from = head->find(' ') + 1;
                self->last_head = *head;
                self->targets.push_back(head->substr(from, head->find(' ', from) - from));
                self->reply(stream, self->answer(self->targets.back()));
            });
    }

    template <class Stream>
    void reply(std::shared_ptr<Stream> stream, const RestReply& reply) {
        if (reply.silent) return silent.push_back(stream);
        auto text = std::make_shared<std::string>(
            "HTTP/1.1 " + std::to_string(reply.status) + " X\r\n" + reply.headers +
            "Content-Length: " + std::to_string(reply.body.size()) +
            "\r\nConnection: close\r\n\r\n" + reply.body);
        if (reply.cut_after < text->size()) text->resize(reply.cut_after);
        asio::async_write(*stream, asio::buffer(*text), [stream, text](error_code, std::size_t) {
            error_code ignored;
            stream->lowest_layer().shutdown(tcp::socket::shutdown_both, ignored);
        });
    }

    Answer answer;
    tcp::acceptor acceptor;
    asio::ssl::context context;
    bool tls;
    std::vector<std::string> targets;
    std::string last_head;
    std::vector<std::shared_ptr<void>> silent;
};

RestServer::RestServer(asio::io_context& io, Answer answer, std::optional<Certificate> certificate)
    : impl_(std::make_shared<Impl>(io, std::move(answer), certificate)) {
    impl_->accept();
}
RestServer::~RestServer() {
    error_code ignored;
    impl_->acceptor.close(ignored);
}
std::string RestServer::port() const {
    return std::to_string(impl_->acceptor.local_endpoint().port());
}
const std::vector<std::string>& RestServer::targets() const { return impl_->targets; }
const std::string& RestServer::last_head() const { return impl_->last_head; }

}  // namespace spill::fake
