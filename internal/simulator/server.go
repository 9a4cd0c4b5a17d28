package simulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = time.Minute
	idleTimeout       = 2 * time.Minute
)

// Server is a [Simulator] that listens on a loopback address.
type Server struct {
	*Simulator

	listener net.Listener
	http     *http.Server
	cancel   context.CancelFunc // ends the requests in progress
	done     chan struct{}
	err      error // that ended the server; valid when done is closed
}

// Start starts a server. It returns an error if an option is invalid, if it can't listen on the
// address, or if that isn't a loopback address, because the simulator isn't protected from a
// network. The caller has to call [Server.Shutdown] or [Server.Close].
func Start(options Options) (*Server, error) {
	if err := options.check(); err != nil {
		return nil, err
	}

	s := New(options)

	if err := requireLoopback(s.options.Address); err != nil {
		return nil, err
	}

	var lc net.ListenConfig

	listener, err := lc.Listen(context.Background(), "tcp", s.options.Address)
	if err != nil {
		return nil, fmt.Errorf("start simulator: %w", err)
	}

	base, cancel := context.WithCancel(context.Background())
	server := &Server{
		Simulator: s,
		listener:  listener,
		cancel:    cancel,
		http: &http.Server{
			Handler:           loopbackHosts(s),
			ReadHeaderTimeout: readHeaderTimeout,
			ReadTimeout:       readTimeout,
			IdleTimeout:       idleTimeout,
			BaseContext:       func(net.Listener) context.Context { return base },
		},
		done: make(chan struct{}),
	}
	server.http.RegisterOnShutdown(sync.OnceFunc(func() { close(s.closing) }))

	go func() {
		defer close(server.done)

		if err := server.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			server.err = fmt.Errorf("serve simulator: %w", err)
		}
	}()

	return server, nil
}

func requireLoopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("simulator address: %w", err)
	}

	if !isLoopback(host) {
		return fmt.Errorf("simulator address %q: not a loopback address", address)
	}

	return nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)

	return strings.EqualFold(host, "localhost") || err == nil && ip.IsLoopback()
}

// loopbackHosts rejects requests whose Host header isn't a loopback name. The owner of a
// domain can have its name resolve to 127.0.0.1, and then a page of that domain in a browser
// of this machine could send requests here and read the responses (DNS rebinding).
func loopbackHosts(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := url.URL{Host: r.Host}
		if !isLoopback(host.Hostname()) {
			http.Error(w, "the host isn't localhost or a loopback address", http.StatusMisdirectedRequest)

			return
		}

		next.ServeHTTP(w, r)
	})
}

// URL returns the base URL of the server, without a trailing slash.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// AuthURL returns the URL of IAM, up to and including /v3.
func (s *Server) AuthURL() string { return s.URL() + identityPath }

// Endpoint returns the base URL of ModelArts, without /v1. It equals [Server.URL], because IAM and
// ModelArts share a host here.
func (s *Server) Endpoint() string { return s.URL() }

// Env returns the environment variables of a client with a password. They contain neither a token
// nor an endpoint, because IAM returns both.
func (s *Server) Env() map[string]string {
	return map[string]string{
		"OS_AUTH_URL":         s.AuthURL(),
		"OS_REGION_NAME":      DefaultRegion,
		"OS_USERNAME":         DefaultUserName,
		"OS_PASSWORD":         s.options.Password,
		"OS_USER_DOMAIN_NAME": DefaultDomainName,
		"OS_PROJECT_NAME":     s.options.ProjectName,
	}
}

// AccessKeyEnv returns the environment variables of the permanent access key. If a client has both,
// the key takes precedence over the password.
func (s *Server) AccessKeyEnv() map[string]string {
	return map[string]string{
		"OS_ACCESS_KEY": DefaultAccessKey,
		"OS_SECRET_KEY": s.options.SecretKey,
	}
}

// Done returns a channel that is closed when the server has stopped listening.
func (s *Server) Done() <-chan struct{} { return s.done }

// Shutdown ends the server after its pending responses, or when ctx is done. It cuts requests that
// hang immediately. It returns the error that ended the server before, if there is one.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}

	s.cancel()
	<-s.done

	return errors.Join(err, s.err)
}

// Close ends the server immediately and cuts its connections.
func (s *Server) Close() {
	_ = s.http.Close() // The listener's error has no consequence.

	// Handlers that wait for the latency return when they are canceled. On an open connection
	// that would be a complete response.
	s.cancel()
	<-s.done
}
