package simulator

import (
	"cmp"
	"net/http"
)

// ErrorShape says how the refusals of ModelArts look. What the gateway refuses,
// such as a wrong token, and what IAM refuses keep their own shape, and so does
// the answer of a [Fault].
type ErrorShape string

// The shapes of a refusal.
const (
	// ErrorShapeDocumented is the default: a 4xx status and a body with
	// error_code, error_message and, except for the details call, is_success.
	ErrorShapeDocumented ErrorShape = "documented"
	// ErrorShapeOK200 answers every refusal with status 200 and is_success false.
	ErrorShapeOK200 ErrorShape = "ok-200"
	// ErrorShapeBare leaves is_success out of every call's refusals.
	ErrorShapeBare ErrorShape = "bare"
	// ErrorShapeGateway has error_msg for error_message, and a request_id.
	ErrorShapeGateway ErrorShape = "gateway"
	// ErrorShapeIAM has {"error":{"code","message","title"}}; its code is the
	// number of the status, so that the code of ModelArts is lost.
	ErrorShapeIAM ErrorShape = "iam"
	// ErrorShapeEmpty is the status without a body.
	ErrorShapeEmpty ErrorShape = "empty"
)

// ErrorShapes returns all shapes of a refusal, the default first.
func ErrorShapes() []ErrorShape {
	return []ErrorShape{
		ErrorShapeDocumented, ErrorShapeOK200, ErrorShapeBare, ErrorShapeGateway, ErrorShapeIAM, ErrorShapeEmpty,
	}
}

// NotFoundShape says how a call for an unknown job is refused, which is not
// documented. [ErrorShape] applies to it as to any refusal, except where the
// shape says what the body is.
type NotFoundShape string

// The shapes of the refusal of an unknown job.
const (
	// NotFoundShape400 is the default: status 400 with ModelArts.2775, as the API reference
	// documents it today for training jobs.
	NotFoundShape400 NotFoundShape = "400"
	// NotFoundShape404 is status 404 with ModelArts.0015, which was documented until 2024.
	NotFoundShape404 NotFoundShape = "404"
	// NotFoundShapeBare404 is status 404 without a body.
	NotFoundShapeBare404 NotFoundShape = "bare-404"
	// NotFoundShapeParameter is status 400 with ModelArts.0104, as for any parameter.
	NotFoundShapeParameter NotFoundShape = "parameter"
	// NotFoundShapeOK200 is status 200 with is_success false and ModelArts.2775.
	NotFoundShapeOK200 NotFoundShape = "ok-200"
	// NotFoundShapeGateway404 is status 404 with APIGW.0101, as of the gateway.
	NotFoundShapeGateway404 NotFoundShape = "gateway-404"
	// NotFoundShapeConflict is status 400 with ModelArts.0105, as for a job in
	// the wrong status.
	NotFoundShapeConflict NotFoundShape = "conflict"
)

// NotFoundShapes returns all shapes of the refusal of an unknown job, the
// default first.
func NotFoundShapes() []NotFoundShape {
	return []NotFoundShape{
		NotFoundShape400, NotFoundShape404, NotFoundShapeBare404,
		NotFoundShapeParameter, NotFoundShapeOK200, NotFoundShapeGateway404, NotFoundShapeConflict,
	}
}

// refuse returns the refusal of a call for a job that does not exist.
func (n NotFoundShape) refuse(id int64) *apiError {
	e := refusef(http.StatusBadRequest, codeUnknownJob, "The visualization job %d does not exist", id)

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
	default: // is documented above
	}

	return e
}

// writeRefusal answers a refusal in the shape that the options ask for;
// documented is the shape this call has by itself.
func (s *Simulator) writeRefusal(w http.ResponseWriter, e *apiError, documented envelope) {
	shape := cmp.Or(e.shape, s.options.ErrorShape)

	switch {
	case e.isGateway() || shape == ErrorShapeGateway:
		writeGatewayFailure(w, e)
	case shape == ErrorShapeOK200:
		writeJSON(w, http.StatusOK, withSuccess(e))
	case shape == ErrorShapeBare:
		writeJSON(w, e.status, withoutSuccess(e))
	case shape == ErrorShapeIAM:
		writeIdentityFailure(w, e)
	case shape == ErrorShapeEmpty:
		w.WriteHeader(e.status)
	default:
		writeJSON(w, e.status, documented(e))
	}
}
