package simulator

import (
	"cmp"
	"net/http"
)

// ErrorShape is the form of ModelArts error responses. Errors of the gateway, for example for a
// wrong token, errors of IAM and the responses of a [Fault] keep their form.
type ErrorShape string

// The shapes of an error response.
const (
	// ErrorShapeDocumented is the default: a 4xx status and a body with
	// error_code, error_message and, except for the details request, is_success.
	ErrorShapeDocumented ErrorShape = "documented"
	// ErrorShapeOK200 has status 200 and is_success false.
	ErrorShapeOK200 ErrorShape = "ok-200"
	// ErrorShapeBare has no is_success.
	ErrorShapeBare ErrorShape = "bare"
	// ErrorShapeGateway has error_msg instead of error_message, and a request_id.
	ErrorShapeGateway ErrorShape = "gateway"
	// ErrorShapeIAM has {"error":{"code","message","title"}} with the HTTP status as code, and
	// without the code of ModelArts.
	ErrorShapeIAM ErrorShape = "iam"
	// ErrorShapeEmpty has no body.
	ErrorShapeEmpty ErrorShape = "empty"
)

// ErrorShapes returns all shapes of an error response, the default first.
func ErrorShapes() []ErrorShape {
	return []ErrorShape{
		ErrorShapeDocumented, ErrorShapeOK200, ErrorShapeBare, ErrorShapeGateway, ErrorShapeIAM, ErrorShapeEmpty,
	}
}

// NotFoundShape is the form of the error response for an unknown job, which isn't documented.
// [ErrorShape] applies to it as well, unless the shape defines the body.
type NotFoundShape string

// The shapes of the error response for an unknown job.
const (
	// NotFoundShape400 is the default: status 400 with ModelArts.2775, as the API reference
	// documents it today for training jobs.
	NotFoundShape400 NotFoundShape = "400"
	// NotFoundShape404 is status 404 with ModelArts.0015, which was documented until 2024.
	NotFoundShape404 NotFoundShape = "404"
	// NotFoundShapeBare404 is status 404 without a body.
	NotFoundShapeBare404 NotFoundShape = "bare-404"
	// NotFoundShapeParameter is status 400 with ModelArts.0104, as for an invalid parameter.
	NotFoundShapeParameter NotFoundShape = "parameter"
	// NotFoundShapeOK200 is status 200 with is_success false and ModelArts.2775.
	NotFoundShapeOK200 NotFoundShape = "ok-200"
	// NotFoundShapeGateway404 is status 404 with APIGW.0101, the gateway's error for an
	// unknown API.
	NotFoundShapeGateway404 NotFoundShape = "gateway-404"
	// NotFoundShapeConflict is status 400 with ModelArts.0105, as for a job in
	// the wrong status.
	NotFoundShapeConflict NotFoundShape = "conflict"
)

// NotFoundShapes returns all shapes of the error response for an unknown job, the default first.
func NotFoundShapes() []NotFoundShape {
	return []NotFoundShape{
		NotFoundShape400, NotFoundShape404, NotFoundShapeBare404,
		NotFoundShapeParameter, NotFoundShapeOK200, NotFoundShapeGateway404, NotFoundShapeConflict,
	}
}

// apiError returns the error response for an unknown job.
func (n NotFoundShape) apiError(id int64) *apiError {
	e := newAPIError(http.StatusBadRequest, codeUnknownJob, "The visualization job %d does not exist", id)

	switch n {
	case NotFoundShape404:
		e.status, e.code = http.StatusNotFound, codeGone
	case NotFoundShapeBare404:
		e.status, e.shape = http.StatusNotFound, ErrorShapeEmpty
	case NotFoundShapeParameter:
		e.code = codeParameter
	case NotFoundShapeOK200:
		e.shape = ErrorShapeOK200
	case NotFoundShapeGateway404:
		e.status, e.code = http.StatusNotFound, codeNoAPI
	case NotFoundShapeConflict:
		e.code = codeStatus
	default: // NotFoundShape400
	}

	return e
}

// writeError responds with an error in the shape of the options. documented is the default
// shape of the request.
func (s *Simulator) writeError(w http.ResponseWriter, e *apiError, documented envelope) {
	shape := cmp.Or(e.shape, s.options.ErrorShape)

	switch {
	case e.isGateway() || shape == ErrorShapeGateway:
		writeGatewayError(w, e)
	case shape == ErrorShapeOK200:
		writeJSON(w, http.StatusOK, withSuccess(e))
	case shape == ErrorShapeBare:
		writeJSON(w, e.status, withoutSuccess(e))
	case shape == ErrorShapeIAM:
		writeIdentityError(w, e)
	case shape == ErrorShapeEmpty:
		w.WriteHeader(e.status)
	default:
		writeJSON(w, e.status, documented(e))
	}
}
